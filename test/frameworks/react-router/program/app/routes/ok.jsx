export default () => <p>ok</p>;
