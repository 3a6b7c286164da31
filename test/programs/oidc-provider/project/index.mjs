import { Provider } from 'oidc-provider';

const provider = new Provider(`http://127.0.0.1:${process.env.PORT}`, {
  clients: [
    {
      client_id: 'foo',
      client_secret: 'bar',
      grant_types: ['client_credentials', 'authorization_code'],
      redirect_uris: ['http://127.0.0.1:8080/cb'],
    },
  ],
  features: { clientCredentials: { enabled: true }, introspection: { enabled: true } },
});
provider.listen(process.env.PORT, '127.0.0.1', () => {
  console.log('oidc-provider listening');
});
