package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which bytes are UTF-8, of addresses and of bodies, which come in pieces. */
class Utf8Test {
    @ParameterizedTest
    @ValueSource(strings = {"/v1/ops", "/v1/ops/%61", "/%ed%95%9c", "/%f0%9f%98%80x", "/%25%2F", "/a%41", "/%0a", "/%50", "%61"})
    void anAddressIsUtf8(String escaped) {
        assertThat(Utf8.isEncoded(escaped)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/%c0%af", "/%ed%95", "/%ff", "/%e0%80%af", "/%ed%a0%80", "/%4", "/%", "/%g0", "/%0g", "/a%ed%95/",
            "/%g0%90%80%80", "/%dg%80", "%ff"})
    void anAddressIsNot(String escaped) {
        assertThat(Utf8.isEncoded(escaped)).isFalse();
    }

    /** Whether it is, in pieces of this many bytes. */
    private static boolean isUtf8(@Nullable String charset, byte[] body, int piece) {
        Utf8 utf8 = Utf8.ofBody(charset);
        byte[] buffer = new byte[piece + 3];
        for (int at = 0; at < body.length; at += piece) {
            int length = Math.min(piece, body.length - at);
            System.arraycopy(body, at, buffer, 3, length);
            if (!utf8.isContinuedBy(buffer, 3, length)) {
                return false;
            }
        }
        return utf8.isComplete();
    }

    private static void assertUtf8(@Nullable String charset, byte[] body, boolean expected) {
        for (int piece : new int[]{1, 2, 3, 4, 5, 7, 1000, body.length}) {
            assertThat(isUtf8(charset, body, piece)).as("pieces of %d", piece).isEqualTo(expected);
        }
    }

    @Test
    void aBodyIsWhereverItIsDivided() {
        assertUtf8(null, "{\"x\": 1}".getBytes(StandardCharsets.UTF_8), true);
        assertUtf8(null, "{\"θ한😀\": 1}".getBytes(StandardCharsets.UTF_8), true);
        assertUtf8(null, "한😀".repeat(3_000).getBytes(StandardCharsets.UTF_8), true);
    }

    /** An overlong slash, half of a pair, a lone continuation, a byte that never stands in UTF-8, and a character that has no end. */
    @ParameterizedTest
    @ValueSource(strings = {"c0af", "eda080", "80", "ff", "ed95", "f09f98", "f8888080"})
    void aBodyIsNot(String bytes) {
        byte[] wrong = HexFormat.of().parseHex(bytes);
        byte[] begun = ("{\"" + "한".repeat(1_000)).getBytes(StandardCharsets.UTF_8);
        for (byte[] end : new byte[][]{{}, {'"', '}'}}) {
            byte[] body = Arrays.copyOf(begun, begun.length + wrong.length + end.length);
            System.arraycopy(wrong, 0, body, begun.length, wrong.length);
            System.arraycopy(end, 0, body, begun.length + wrong.length, end.length);
            assertUtf8(null, body, false);
            assertUtf8("utf-8", body, false);
        }
    }

    /** The parser knows it by the first bytes, with a mark of the order of bytes or without. */
    @ParameterizedTest
    @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-16", "UTF-32BE", "UTF-32LE"})
    void aBodyMayBeInAnotherUnicode(String encoding) throws Exception {
        assertUtf8(null, "{\"한\": 1}".getBytes(Charset.forName(encoding)), true);
        assertUtf8(encoding, "\ufeff{\"한\": 1}".getBytes(Charset.forName(encoding)), true);
    }

    /** Its first two bytes decide: a zero later is a character of UTF-8. */
    @Test
    void aLaterByteMakesItNoOtherUnicode() {
        assertUtf8(null, new byte[]{'{', '"', 0, (byte) 0xff}, false);
        assertUtf8(null, new byte[]{'{', '"', (byte) 0xfe}, false);
        assertUtf8(null, new byte[]{'{', 0, 'x', (byte) 0xff}, true);
    }

    @ParameterizedTest
    @NullSource
    @CsvSource({"utf-8", "US-ASCII", "UTF-16", "no-such-charset"})
    void onlyAnotherCharsetIsHeeded(@Nullable String charset) {
        byte[] latin = "{\"ö\": 1}".getBytes(StandardCharsets.ISO_8859_1);
        assertUtf8(charset, latin, false);
        assertUtf8("ISO-8859-1", latin, true);
        assertUtf8("windows-1252", latin, true);
    }
}
