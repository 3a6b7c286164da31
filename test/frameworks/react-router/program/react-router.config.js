// Version 8 has middleware without that, and refuses the flag.
export default { future: process.env.MIDDLEWARE ? { v8_middleware: true } : {} };
