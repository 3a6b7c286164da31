export default () => 'ok';
