/**
 * The same request in several languages; each snippet runs as it stands, with nothing installed but what it names. Where `isKeyed`, the
 * environment variable CHAINRULE_KEY has the key.
 */
export function snippets(request, origin, isKeyed) {
  const keyed = text => isKeyed ? text : '';
  const address = `${origin}/v1/gradient`;
  const json = written(request);
  return {
    curl: `curl -s ${address} ${keyed('-H "Authorization: Bearer $CHAINRULE_KEY" ')}-H 'Content-Type: application/json' -d '${json.replaceAll("'", `'\\''`)}'`,
    python: `import json, ${keyed('os, ')}urllib.request

request = json.loads(r'''${json.replaceAll("'", '\\u0027')}''')
response = urllib.request.urlopen(urllib.request.Request(
    "${address}", json.dumps(request).encode(), {"Content-Type": "application/json"${keyed(', "Authorization": "Bearer " + os.environ["CHAINRULE_KEY"]')}}))
print(json.load(response)["gradients"])`,
    // Browsers have no environment variables.
    [isKeyed ? 'node' : 'javascript']: `const response = await fetch("${address}", {
  method: "POST",
  headers: { "Content-Type": "application/json"${keyed(', "Authorization": "Bearer " + process.env.CHAINRULE_KEY')} },
  body: JSON.stringify(${json}),
});
console.log((await response.json()).gradients);`,
    java: `import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

void main() throws Exception {
    var body = """
${json.replaceAll('\\', '\\\\').replaceAll('"""', '\\"""').split('\n').map(line => `            ${line}`).join('\n')}""";
    var request = HttpRequest.newBuilder(URI.create("${address}")).header("Content-Type", "application/json")${keyed('\n            .header("Authorization", "Bearer " + System.getenv("CHAINRULE_KEY"))')}
            .POST(HttpRequest.BodyPublishers.ofString(body)).build();
    System.out.println(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
}`,
    picture: pictureLink(request, origin),
    markdown: `![${request.expression.split('\n').at(-1).replace(/[[\]]/g, '')}](${pictureLink(request, origin)})`,
  };
}

/** Arrays of numbers stand on one line. */
function written(value, indent = '') {
  if (value === null || typeof value !== 'object') {
    return JSON.stringify(value);
  }
  if (Array.isArray(value) && !value.some(part => typeof part === 'object')) {
    return `[${value.map(part => JSON.stringify(part)).join(', ')}]`;
  }
  const inner = `${indent} `;
  const parts = Array.isArray(value) ? value.map(part => written(part, inner))
    : Object.entries(value).map(([name, part]) => `${JSON.stringify(name)}: ${written(part, inner)}`);
  const [begin, end] = Array.isArray(value) ? '[]' : '{}';
  return `${begin}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${end}`;
}

function pictureLink({ expression, inputs, gates }, origin) {
  const query = { expression, ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`in.${name}`, JSON.stringify(value)])),
    ...(gates ? { gates: Array.isArray(gates) ? JSON.stringify(gates) : gates } : {}) };
  // Blanks as %20: a plus sign would be read as a blank, and a bracket would end a link in Markdown.
  return `${origin}/v1/render.svg?${Object.entries(query).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)
    .replace(/[()']/g, sign => `%${sign.charCodeAt(0).toString(16)}`)}`).join('&')}`;
}
