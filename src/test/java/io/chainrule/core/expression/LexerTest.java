package io.chainrule.core.expression;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LexerTest {

    @ParameterizedTest
    @CsvSource(delimiter = '¦', quoteCharacter = '"', textBlock = """
            a1+_b            ¦ NAME PLUS NAME END
            1.5e-3 .5 1. 1e  ¦ NUMBER NUMBER NUMBER NUMBER NAME END
            0x10 1_0 2j 1.0f 1.2.3 ¦ INVALID INVALID INVALID INVALID INVALID END
            a<=b!=c==d=e     ¦ NAME LESS_EQUAL NAME NOT_EQUAL NAME EQUAL NAME ASSIGN NAME END
            a**b//c%d        ¦ NAME POWER NAME DOUBLE_SLASH NAME PERCENT NAME END
            x[...,1:]        ¦ NAME LEFT_BRACKET ELLIPSIS COMMA NUMBER COLON RIGHT_BRACKET END
            x.T              ¦ NAME DOT NAME END
            'it' "is" 'open  ¦ TEXT TEXT INVALID END
            a # b⏎⏎⏎c;d      ¦ NAME NEWLINE NAME SEMICOLON NAME END
            𝑓=x̂²             ¦ NAME ASSIGN NAME SUPERSCRIPT END
            2x ½a x₀         ¦ NUMBER NAME NUMBER NAME NAME END
            a+=1 b**=2 c==d  ¦ NAME UPDATE NUMBER NAME UPDATE NUMBER NAME EQUAL NAME END
            ‖x‖₁ |x| √x      ¦ DOUBLE_BAR NAME DOUBLE_BAR SUBSCRIPT BAR NAME BAR ROOT NAME END
            x·y×z ∑ πr       ¦ NAME MIDDLE_DOT NAME CROSS NAME NAME NAME END
            “it” ｘ＋２ − – ≤ ¦ TEXT NAME PLUS NUMBER MINUS MINUS LESS_EQUAL END
            => << := && ?    ¦ INVALID INVALID INVALID INVALID INVALID END
            a \\⏎ + b       ¦ NAME PLUS NAME END
            """)
    void cutsATextIntoTokens(String text, String kinds) {
        Tokens tokens = Lexer.scan(text.replace('⏎', '\n'));
        assertThat(IntStream.range(0, tokens.size()).mapToObj(i -> tokens.kind(i).name()).collect(Collectors.joining(" ")))
                .isEqualTo(kinds);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0", "1", "0.1", "123456.789", ".5", "3.", "999999999999999", "9007199254740993", "0.1234567890123456789", "1e3",
                    "1.7976931348623157e308", "2.2250738585072014E-308", "1e-400", "123456789012.345"})
    void readsNumbersAsJavaDoes(String number) {
        assertThat(Lexer.scan(number).number(0)).isEqualTo(Double.parseDouble(number));
    }
}
