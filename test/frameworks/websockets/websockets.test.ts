import { makeCertificates } from '../../receivers/certificates.ts';
import { describeLibrary } from './contract.ts';
import { libraries } from './libraries.ts';

for (const library of libraries) describeLibrary(library);

const [ws] = libraries;
const certificates = makeCertificates();
if (ws !== undefined && certificates !== undefined)
  describeLibrary(ws, { title: ', over TLS', env: certificates.server.files });
