/** Words in the name of a parameter whose value may be a secret. Values of all others are hidden too if they are long and without a break. */
const SECRET = /key|token|secret|pass|pwd|sig|auth|credential|code|session/i;

/** A URL as it may be shown: no user, no password, no parameter that may be a secret. */
export function shownUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return 'a URL that cannot be read';
  }
  if (url.username !== '') url.username = '***';
  if (url.password !== '') url.password = '***';
  for (const [name, value] of [...url.searchParams]) if (SECRET.test(name) || /^[\w+/=.-]{20,}$/.test(value)) url.searchParams.set(name, '***');
  url.hash = '';
  return url.href.replaceAll('%2A', '*');
}
