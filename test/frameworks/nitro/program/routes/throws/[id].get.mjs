export default () => {
  throw new Error('thrown');
};
