module.exports = {
  inputs: { id: { type: 'number', required: true } },
  exits: { missing: { statusCode: 404 } },
  fn: async ({ id }) => {
    if (id === 9) throw 'missing';
    return { id };
  },
};
