package io.chainrule.core.language;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Korean particles behind names and numbers, as these are read aloud. */
class ParticlesTest {

    @ParameterizedTest
    @CsvSource({
            // Syllables with a final consonant, with ㄹ, without.
            "값, 값을, 값으로", "노드, 노드를, 노드로", "물, 물을, 물로", "배열, 배열을, 배열로",
            // Digits: 영 일 이 삼 사 오 육 칠 팔 구.
            "0, 0을, 0으로", "1, 1을, 1로", "2, 2를, 2로", "3, 3을, 3으로", "4, 4를, 4로", "5, 5를, 5로", "6, 6을, 6으로", "7, 7을, 7로",
            "8, 8을, 8로", "9, 9를, 9로",
            // 십, 백, 천, 만, 억, 조, 십이.
            "10, 10을, 10으로", "200, 200을, 200으로", "5000, 5000을, 5000으로", "30000, 30000을, 30000으로",
            "100000000, 100000000을, 100000000으로", "1000000000000, 1000000000000를, 1000000000000로", "12, 12를, 12로",
            // Behind a point digits are read one by one.
            "0.25, 0.25를, 0.25로", "1.5, 1.5를, 1.5로", "-0.7, -0.7을, -0.7로", "0.116, 0.116을, 0.116으로", "2.30, 2.30을, 2.30으로",
            "∞, ∞를, ∞로", "NaN, NaN을, NaN으로",
            // The denominator is read first: 이분의 일.
            "1/2, 1/2을, 1/2로", "2/3, 2/3를, 2/3로", "3/10, 3/10을, 3/10으로",
            // Letters by their names: 엘, 엠, 엔, 알 end in a consonant.
            "x, x를, x로", "f, f를, f로", "l, l을, l로", "L, L을, L로", "m, m을, m으로", "N, N을, N으로", "r, r을, r로", "W, W를, W로",
            "dx, dx를, dx로", "xl, xl을, xl로",
            // Words as they are read: 섬, 맥스, 로그, 코사인, 시그모이드, 웨이트, 아웃, 히든, 맵, 넷, 시트, 스케일, 네임, 로스, 링.
            "sum, sum을, sum으로", "max, max를, max로", "log, log를, log로", "cos, cos을, cos으로", "sigmoid, sigmoid를, sigmoid로",
            "hidden.weight, hidden.weight를, hidden.weight로", "out, out을, out으로", "hidden, hidden을, hidden으로", "map, map을, map으로",
            "net, net을, net으로", "seat, seat를, seat로", "scale, scale을, scale로", "name, name을, name으로", "loss, loss를, loss로",
            "ring, ring을, ring으로", "model, model을, model로", "bias, bias를, bias로", "input, input을, input으로",
            // Ids that are made from ops end in a digit.
            "mul_1, mul_1을, mul_1로", "add_10, add_10을, add_10으로", "exp_2, exp_2를, exp_2로", "h₃, h₃을, h₃으로",
            // Greek letters: 알파, 엡실론, 시그마.
            "α, α를, α로", "ε, ε을, ε으로", "σ, σ를, σ로", "θ, θ를, θ로",
            // What is not read is passed over; powers are read 제곱.
            "'W[0,1]', 'W[0,1]을', 'W[0,1]로'", "(3), (3)을, (3)으로", "\"q\", \"q\"를, \"q\"로", "x², x²을, x²으로", "f′, f′을, f′으로",
            "h_, h_를, h_로",
            // A gloss in brackets is passed over: 큐.
            "'''q'' (mul)', '''q'' (mul)를', '''q'' (mul)로'"})
    void followTheReading(String text, String object, String direction) {
        assertThat(text + Particles.after(text, "을/를")).isEqualTo(object);
        assertThat(text + Particles.after(text, "으로/로")).isEqualTo(direction);
    }

    @ParameterizedTest
    @CsvSource({"x, 는, 가, 와", "3, 은, 이, 과", "mul_1, 은, 이, 과", "W[0], 은, 이, 과", "θ, 는, 가, 와"})
    void comeInAllPairs(String text, String topic, String subject, String together) {
        assertThat(Particles.after(text, "은/는")).isEqualTo(topic);
        assertThat(Particles.after(text, "이/가")).isEqualTo(subject);
        assertThat(Particles.after(text, "과/와")).isEqualTo(together);
    }

    @ParameterizedTest
    @CsvSource({"'', 를", "'()', 를", "🙂, 를"})
    void takeTheFormBehindAVowelWhereNothingIsRead(String text, String object) {
        assertThat(Particles.after(text, "을/를")).isEqualTo(object);
    }

    /** Only the end of a name is read, however long it is. */
    @ParameterizedTest
    @CsvSource({"a, 를", "1, 을", "2, 를", "0, 을"})
    void dependOnTheEndOfAName(String end, String object) {
        String zeros = "0".repeat(100_000);
        assertThat(Particles.after(zeros + end, "을/를")).isEqualTo(object);
        assertThat(Particles.after(zeros + "a" + zeros + end, "을/를")).isEqualTo(object);
        assertThat(Particles.after(end + "_".repeat(100_000), "을/를")).isEqualTo(object);
    }
}
