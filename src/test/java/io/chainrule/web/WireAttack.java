package io.chainrule.web;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/**
 * Bytes that break the rules of HTTP, or stretch them; the same seed makes the same ones.
 *
 * @param isIncomplete whether more would have to follow; the client then says that nothing does
 * @param most how many requests there are in it, by any reading of the rules that lets in no more
 */
record WireAttack(long seed, byte[] bytes, boolean isIncomplete, int most) {
    private static final String BODY = "{\"expression\": \"x^2\", \"inputs\": {\"x\": 3}}";
    private static final String START = "POST /v1/gradient HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    private static final String CLOSE = "Connection: close\r\n";
    /** The request that must never be answered where it is part of another one's body. */
    private static final String SMUGGLED = "GET /v1/ops/relu HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final List<Function<Random, WireAttack>> KINDS = List.of(WireAttack::lengths, WireAttack::chunks, WireAttack::encodings,
            WireAttack::smuggling, WireAttack::pipeline, WireAttack::heads, WireAttack::targets, WireAttack::bulk, WireAttack::noise,
            WireAttack::otherProtocols, WireAttack::damaged);

    static WireAttack of(long seed) {
        Random random = new Random(seed);
        random.nextInt();
        WireAttack attack = pick(random, KINDS).apply(random);
        return new WireAttack(seed, attack.bytes, attack.isIncomplete, attack.most);
    }

    private static WireAttack complete(String text) {
        return new WireAttack(0, text.getBytes(StandardCharsets.ISO_8859_1), false, 1);
    }

    private static WireAttack incomplete(String text) {
        return new WireAttack(0, text.getBytes(StandardCharsets.ISO_8859_1), true, 1);
    }

    private static WireAttack lengths(Random random) {
        String length = pick(random,
                List.of("-1", "+" + BODY.length(), "0x10", "1e2", "", " ", "99999999999999999999", "9223372036854775807",
                        "2147483648", "4294967338", BODY.length() + ", " + BODY.length(), BODY.length() + "\r\nContent-Length: 1", "1, 2",
                        "٣", "042", "1;q=1",
                        String.valueOf(BODY.length() + 1 + random.nextInt(100_000)), String.valueOf(random.nextInt(BODY.length()))));
        return incomplete(START + CLOSE + "Content-Length: " + length + "\r\n\r\n" + BODY);
    }

    private static WireAttack chunks(Random random) {
        StringBuilder text = new StringBuilder(START).append(CLOSE).append("Transfer-Encoding: chunked\r\n\r\n");
        for (int at = 0; at < BODY.length();) {
            int size = Math.min(1 + random.nextInt(12), BODY.length() - at);
            String said = random.nextInt(30) == 0
                    ? pick(random,
                            List.of("-1", "0x5", "g", "", " 5", "5 ", "FFFFFFFF", "7fffffffffffffff", "00000000000000000000005", "5;a=b",
                                    "5;" + "a".repeat(9_000),
                                    "5;\"\r\n"))
                    : Integer.toHexString(size);
            String end = random.nextInt(60) == 0 ? pick(random, List.of("", "\n", "\r", "x\r\n")) : "\r\n";
            text.append(said).append("\r\n").append(BODY, at, at + size).append(end);
            at += size;
        }
        return incomplete(text.append(pick(random, List.of("0\r\n\r\n", "0\r\n\r\n", "", "0\r\n", "000\r\n\r\n", "0\r\nTrailer: x\r\n\r\n",
                "0\r\nContent-Length: 5\r\n\r\n", "0\r\n: x\r\n\r\n", "0\r\n" + "a: b\r\n".repeat(2_000) + "\r\n"))).toString());
    }

    private static WireAttack encodings(Random random) {
        String coding = pick(random, List.of("xchunked", "identity", "chunked, chunked", "gzip, chunked", "chunked, gzip", "Chunked",
                "\tchunked", "chunked\u000b",
                "\"chunked\"", "chunked;q=0", "", "chunked\r\nTransfer-Encoding: identity", "identity\r\nTransfer-Encoding: chunked"));
        return incomplete(START + CLOSE + "Transfer-Encoding: " + coding + "\r\n\r\n" + Integer.toHexString(BODY.length()) + "\r\n" + BODY
                + "\r\n0\r\n\r\n");
    }

    /** Two lengths for one body: whichever counts, what the other one leaves over is no request. */
    private static WireAttack smuggling(Random random) {
        String field = pick(random,
                List.of("Transfer-Encoding: chunked", "Transfer-Encoding : chunked", "Transfer-Encoding:\tchunked",
                        "Transfer-Encoding: xchunked",
                        "Transfer-Encoding:\u000bchunked", " Transfer-Encoding: chunked", "X: y\nTransfer-Encoding: chunked",
                        "Transfer_Encoding: chunked",
                        "Transfer-Encoding: identity, chunked", "Transfer-Encoding\r\n : chunked"));
        String body = "0\r\n\r\n" + SMUGGLED;
        String length = "Content-Length: " + body.length() + "\r\n";
        return complete(START + (random.nextBoolean() ? field + "\r\n" + length : length + field + "\r\n") + "\r\n" + body);
    }

    private static WireAttack pipeline(Random random) {
        int many = 2 + random.nextInt(8);
        String one = START + "Content-Length: " + BODY.length() + "\r\n\r\n" + BODY;
        String last = START + CLOSE + "Content-Length: " + BODY.length() + "\r\n\r\n" + BODY;
        return new WireAttack(0, (one.repeat(many - 1) + last).getBytes(StandardCharsets.ISO_8859_1), false, many);
    }

    private static WireAttack heads(Random random) {
        String field = pick(random,
                List.of("no colon", ": no name", "Name : x", " folded: x", "A: b\r\n folded", "A: b\nB: c", "A: \0", "\0: b",
                        "A: \u0001\u007f",
                        "A: \u00e9\u00ff", "\u00e9: b", "A: " + "b".repeat(random.nextInt(40_000)), "Host: other",
                        "Host: localhost:99999999", "Host: [::", "Expect: 100-continue",
                        "Expect: 200-ok", "Connection: keep-alive, close, x", "Connection: Content-Length",
                        "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk",
                        "Content-Type: text/plain", "Content-Encoding: gzip", "Content-Encoding: gzip, gzip", "Request-Id: \t\u0080",
                        "Accept: */*;q=abc",
                        "Accept-Language: " + "a,".repeat(2_000), "Range: bytes=0-,0-,0-", "If-Modified-Since: never", "Forwarded: for=\"",
                        "X-Forwarded-For: " + "1,".repeat(3_000),
                        "X-Forwarded-Host: a b", "X-Forwarded-Port: x", "Cookie: $Version=1; a=\"", "Content-Length: " + BODY.length(),
                        "A: b\r\n".repeat(random.nextInt(400)) + "A: b"));
        return complete(START + field + "\r\n" + CLOSE + "Content-Length: " + BODY.length() + "\r\n\r\n" + BODY);
    }

    private static WireAttack targets(Random random) {
        String target = pick(random,
                List.of("/v1/%zz", "/v1/ops/%00", "/v1/ops/%c0%af", "/v1/..;/v1/ops", "/../../etc/passwd", "//", "/v1//ops",
                        "/v1/ops%2frelu", "*",
                        "http://localhost/v1/ops", "http://other:1/v1/ops", "localhost:1",
                        "/v1/ops?" + "a=b&".repeat(random.nextInt(8_000)), "/v1/ops#x", "/v1/ops?\u00e9",
                        "/v1/ops?%", "\\v1\\ops", "/" + "a/".repeat(3_000), "/v1/ops/" + "%41".repeat(2_000), "",
                        "/v1/render.svg?expression=%F0%28%8C%28", "/v1/ops;jsessionid=1"));
        String method = pick(random, List.of("GET", "GET", "GET", "HEAD1", "get", "CONNECT", "OPTIONS", "TRACE", "G\u00c4T", "G(T",
                "A".repeat(9_000), "", "PRI"));
        String version = pick(random,
                List.of("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/1.2", "HTTP/11", "http/1.1", "", "HTTP/1.1 x"));
        return incomplete(method + " " + target + " " + version + "\r\nHost: localhost\r\n" + CLOSE + "\r\n");
    }

    private static WireAttack bulk(Random random) {
        String text = switch (random.nextInt(4)) {
            case 0 -> "GET /v1/ops HTTP/1.1\r\nHost: localhost\r\nA: " + "b".repeat(200_000);
            case 1 -> START + CLOSE + "Content-Length: 9000000\r\n\r\n" + " ".repeat(200_000);
            case 2 ->
                START + CLOSE + "Transfer-Encoding: chunked\r\n\r\n" + ("1000\r\n" + "[".repeat(4_096) + "\r\n").repeat(100) + "0\r\n\r\n";
            default -> "\r\n".repeat(random.nextInt(9_000)) + "GET /v1/ops/relu HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + "\r\n";
        };
        return incomplete(text);
    }

    private static WireAttack noise(Random random) {
        byte[] bytes = new byte[1 + random.nextInt(2_000)];
        random.nextBytes(bytes);
        return new WireAttack(0, bytes, true, 1);
    }

    private static WireAttack otherProtocols(Random random) {
        return incomplete(pick(random,
                List.of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u0016\u0003\u0001\u0000\u00a5\u0001\u0000\u0000\u00a1\u0003\u0003",
                        "GET /v1/ops\r\n", "GET /\n\n",
                        "EHLO localhost\r\n", "*1\r\n$4\r\nPING\r\n", "SSH-2.0-x\r\n",
                        "PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "\r\n", "")));
    }

    /** A request that is right but for some bytes. */
    private static WireAttack damaged(Random random) {
        byte[] bytes = (START + CLOSE + "Content-Length: " + BODY.length() + "\r\n\r\n" + BODY).getBytes(StandardCharsets.ISO_8859_1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte one : bytes) {
            switch (random.nextInt(120)) {
                case 0 -> out.write(random.nextInt(256));
                case 1 -> {
                    // It is lost.
                }
                case 2 -> out.writeBytes(new byte[]{one, one});
                default -> out.write(one);
            }
        }
        return new WireAttack(0, out.toByteArray(), true, 2);
    }

    /** Whether its first line names no version, as in HTTP/0.9, whose answers have neither status nor headers. */
    boolean isOldest() {
        String first = new String(bytes, StandardCharsets.ISO_8859_1).strip().lines().findFirst().orElse("");
        return !first.matches("\\S+\\s+\\S.*\\sHTTP/.*");
    }

    private static <T> T pick(Random random, List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    @Override
    public String toString() {
        String text = new String(bytes, 0, Math.min(bytes.length, 2_000), StandardCharsets.ISO_8859_1);
        return "seed " + seed + ": " + text.replace("\r", "\\r") + (bytes.length > 2_000 ? " … " + bytes.length : "") + "\n"
                + Arrays.hashCode(bytes);
    }
}
