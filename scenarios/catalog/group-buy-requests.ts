import type { Random } from '../../model/random.ts';
import type { RequestInput } from '../../model/traffic.ts';

/** What the group-buy service is seeded with (fixtures/services/group-buy/shop): ids from 1 to these are there. */
const seededGroups = 100;
const seededOrders = 1_000;
const users = 100_000;

const json = { 'Content-Type': 'application/json' };

/**
 * The usual mix of the group-buy service, in 100 requests: 40 menus, 25 groups, 12 orders looked at, 10 placed, 8 joins,
 * 5 payments. Ids are drawn from what is seeded, so that none is missing whichever request comes first.
 */
export function requests(_iteration: number, random: Random): RequestInput {
  const draw = random.below(100);
  const groupId = 1 + random.below(seededGroups);
  const orderId = 1 + random.below(seededOrders);
  const userId = 1 + random.below(users);
  if (draw < 40) return { name: 'menu', path: '/menu', expect: { statuses: [200] } };
  if (draw < 65) return { name: 'group', path: `/groups/${groupId}`, expect: { statuses: [200] } };
  if (draw < 77) return { name: 'order', path: `/orders/${orderId}`, expect: { statuses: [200] } };
  if (draw < 87) return post('place-order', '/orders', { groupId, userId, quantity: 1 + random.below(3) }, 201);
  if (draw < 95) return post('join', `/groups/${groupId}/join`, { userId }, 200);
  return post('pay', '/callback/pay', { orderId }, 200);
}

function post(name: string, path: string, body: Readonly<Record<string, number>>, status: number): RequestInput {
  return { name, method: 'POST', path, headers: json, body: JSON.stringify(body), expect: { statuses: [status] } };
}
