/** In the bundle, the file of this module is that of the SDK's aggregations, which exports only the whole SDK. */
export {};
