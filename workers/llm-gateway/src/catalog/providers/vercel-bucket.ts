/** Of 100. The same for the same seed at all times: what decides which share of the requests goes to Vercel. */
export async function vercelBucketOf(seed: string): Promise<number> {
  const text = new TextEncoder().encode(`vercel_routing_${seed}`);
  const digest = await crypto.subtle.digest('SHA-256', text);
  return new DataView(digest).getUint32(0) % 100;
}
