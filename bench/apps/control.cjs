/** Answers the bench over the process's IPC channel: one question at a time, one answer each. */
module.exports = function control(answers) {
  process.on('message', async ({ question, argument }) => {
    try {
      process.send({ answer: await answers[question](argument) });
    } catch (error) {
      process.send({ error: String(error?.stack ?? error) });
    }
  });
  // The bench has gone.
  process.on('disconnect', () => process.exit());
  process.send({ answer: 'ready' });
};
