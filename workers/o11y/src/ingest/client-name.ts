/** Every metric comes from the gateway; the column is there for other clients of the same dataset. */
export const CLIENT_NAME = 'kilo-gateway';
