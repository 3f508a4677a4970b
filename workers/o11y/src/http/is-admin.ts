import { timingSafeEqual } from '@gateway/worker-utils/timing-safe-equal';

/** Without a secret nobody is the admin: an empty one must not open the door to an empty header. */
export async function isAdmin(given: string | null, secret: string | null): Promise<boolean> {
  if (!secret || !given) return false;
  return timingSafeEqual(given, secret);
}
