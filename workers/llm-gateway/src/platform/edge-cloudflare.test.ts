import { expect, test } from 'vitest';
import { edgeOf } from './edge-cloudflare.ts';

const nowhere = { city: null, country: null, latitude: null, longitude: null, ja4: null };

/** As the platform hands a request over: with what it knows of the connection beside it. */
const edge = (cf: unknown, headers: Readonly<Record<string, string>> = {}) =>
  edgeOf(Object.assign(new Request('https://gateway.example', { headers }), { cf }));

test('a place is what the platform says of the connection', () => {
  const cf = {
    city: 'Amsterdam',
    country: 'NL',
    latitude: '52.37403',
    longitude: '4.88969',
    asn: 1136,
    botManagement: { ja4: 't13d1516h2_8daaf6152771_b186095e22b6', score: 99 },
  };
  expect(edge(cf)).toEqual({
    socketAddress: null,
    geo: {
      city: 'Amsterdam',
      country: 'NL',
      latitude: 52.37403,
      longitude: 4.88969,
      ja4: 't13d1516h2_8daaf6152771_b186095e22b6',
    },
  });
});

test('a place in headers is believed of nobody', () => {
  const forged = {
    'x-vercel-ip-city': 'Atlantis',
    'x-vercel-ip-country': 'XX',
    'x-vercel-ip-latitude': '1',
    'x-vercel-ip-longitude': '2',
    'x-vercel-ja4-digest': 'forged',
    'cf-ipcountry': 'XX',
    'cf-ipcity': 'Atlantis',
  };
  expect(edge(undefined, forged).geo).toEqual(nowhere);
});

test.each([undefined, null, {}, { city: '', country: '', botManagement: null }])(
  'of a connection of which the platform says %j, nothing is known',
  (cf) => {
    expect(edge(cf).geo).toEqual(nowhere);
  },
);

test.each([
  ['52.5', 52.5],
  ['-0.25', -0.25],
  ['0', 0],
  [13.4, 13.4],
  ['', null],
  [' ', null],
  ['NaN', null],
  ['north', null],
  ['Infinity', null],
  [Number.NaN, null],
  [null, null],
  [true, null],
  [[], null],
])('the latitude %j is %j degrees', (latitude, expected) => {
  expect(edge({ latitude, longitude: latitude }).geo).toEqual({
    ...nowhere,
    latitude: expected,
    longitude: expected,
  });
});

test('one field that can not be read takes no other with it', () => {
  const cf = { city: 7, country: 'DE', latitude: 'x', longitude: '13.4', botManagement: 'none' };
  expect(edge(cf).geo).toEqual({ ...nowhere, country: 'DE', longitude: 13.4 });
});

test('on one machine, the platform knows the peer', () => {
  expect(edge({ clientIp: '198.51.100.9:40088' }).socketAddress).toBe('198.51.100.9:40088');
});
