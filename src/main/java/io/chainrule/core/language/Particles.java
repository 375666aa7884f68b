package io.chainrule.core.language;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Korean particles, which have one form behind a consonant and another behind a vowel. Names and numbers are taken as they are read aloud:
 * {@code x} is 엑스, {@code 10} is 십, {@code sum} is 섬, α is 알파.
 */
final class Particles {
    /** How a text ends when it is read: 로 also stands behind ㄹ. */
    enum Ending {
        VOWEL,
        RIEUL,
        CONSONANT
    }

    private static final int FIRST_SYLLABLE = 0xAC00;
    private static final int LAST_SYLLABLE = 0xD7A3;
    private static final int FINALS = 28;
    private static final int RIEUL_FINAL = 8;
    /** 영 일 이 삼 사 오 육 칠 팔 구. */
    private static final String DIGITS = "CRVCVVCRRV";
    /** Ten thousand millions of hundreds: from 10¹² on a round number ends in 조, until it ends in 경 from 10¹⁶ on. */
    private static final int ZEROS_OF_JO = 12;
    private static final int ZEROS_OF_GYEONG = 16;
    /** 에이 비 시 디 이 에프 지 에이치 아이 제이 케이 엘 엠 엔 오 피 큐 알 에스 티 유 브이 더블유 엑스 와이 제트. */
    private static final String LETTERS = "VVVVVVVVVVVRCCVVVRVVVVVVVV";
    /** 코사인; 엔에이엔; 웹, 잡, 탭. */
    private static final Pattern CONSONANTS = Pattern.compile("(arc)?cos|nan|[^aeiou]+[aeiou]b");
    private static final Pattern LAST_WORD = Pattern.compile("[A-Za-z]+$");
    private static final Pattern NUMBER = Pattern.compile("(?<![A-Za-z_0-9])([0-9]*\\.)?([0-9]+)$");
    /** The denominator is read first: 1/2 is 이분의 일. */
    private static final Pattern FRACTION = Pattern.compile("(?<![A-Za-z_0-9./])([0-9]+)/[0-9]+$");
    /** A quoted name with what it is in brackets behind it: the name is what a particle agrees with. */
    private static final Pattern GLOSSED = Pattern.compile("('[^']*') \\([a-z_0-9]+\\)$");
    private static final Pattern SILENT = Pattern.compile(".*[aiou]([lmn])e$");

    /** How much of the end of a name is looked at: more than any word or number that is read as a whole. */
    private static final int END = 40;

    private Particles() {}

    /** The form of a pair such as 을/를 or 으로/로 that follows a text. The first of a pair stands behind a consonant. */
    static String after(String text, String pair) {
        int slash = pair.indexOf('/');
        Ending ending = ending(text);
        boolean isVowel = ending == Ending.VOWEL || ending == Ending.RIEUL && pair.startsWith("으로");
        return isVowel ? pair.substring(slash + 1) : pair.substring(0, slash);
    }

    static Ending ending(String whole) {
        String text = GLOSSED.matcher(whole).replaceFirst("$1");
        int end = text.length();
        while (end > 0) {
            int last = text.codePointBefore(end);
            if (isRead(last)) {
                String read = Normalizer.normalize(text.substring(Math.max(0, end - END), end), Normalizer.Form.NFC);
                return ending(read, read.codePointBefore(read.length()));
            }
            end -= Character.charCount(last);
        }
        return Ending.VOWEL;
    }

    /** Whether a character is read aloud; brackets, quotes and underscores are not. */
    private static boolean isRead(int c) {
        return Character.isLetterOrDigit(c) || "%∞∂²³¹⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉ᵀ′".indexOf(c) >= 0;
    }

    private static Ending ending(String text, int last) {
        if (last >= FIRST_SYLLABLE && last <= LAST_SYLLABLE) {
            int consonant = (last - FIRST_SYLLABLE) % FINALS;
            return consonant == 0 ? Ending.VOWEL : consonant == RIEUL_FINAL ? Ending.RIEUL : Ending.CONSONANT;
        }
        if (last >= '0' && last <= '9') {
            return number(text, last - '0');
        }
        if (last >= '₀' && last <= '₉') {
            return of(DIGITS.charAt(last - '₀'));
        }
        String word = word(text);
        if (!word.isEmpty()) {
            return latin(word);
        }
        return switch (last) {
            // 제곱, 세제곱, … and 프라임.
            case '²', '³', '¹', '⁰', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹', '′' -> Ending.CONSONANT;
            // 엡실론, 오미크론, 입실론.
            case 'ε', 'ϵ', 'ο', 'υ', 'Ε', 'Ο', 'Υ' -> Ending.CONSONANT;
            default -> Ending.VOWEL;
        };
    }

    private static Ending of(char kind) {
        return kind == 'C' ? Ending.CONSONANT : kind == 'R' ? Ending.RIEUL : Ending.VOWEL;
    }

    /** A number that ends in zeros is read as tens, hundreds and so on; digits behind a point, or in a name, one by one. */
    private static Ending number(String text, int last) {
        Matcher fraction = FRACTION.matcher(text);
        if (fraction.find()) {
            String numerator = fraction.group(1);
            return number(numerator, numerator.charAt(numerator.length() - 1) - '0');
        }
        Matcher number = NUMBER.matcher(text);
        if (last != 0 || !number.find() || number.group(1) != null) {
            return of(DIGITS.charAt(last));
        }
        String digits = number.group(2);
        int zeros = digits.length() - digits.replaceAll("0+$", "").length();
        return zeros >= ZEROS_OF_JO && zeros < ZEROS_OF_GYEONG && zeros < digits.length() ? Ending.VOWEL : Ending.CONSONANT;
    }

    private static String word(String text) {
        Matcher word = LAST_WORD.matcher(text);
        return word.find() ? word.group() : "";
    }

    /** Latin letters are read one by one if they are few or make no word, and as an English word otherwise. */
    private static Ending latin(String word) {
        String lower = word.toLowerCase(Locale.ROOT);
        if (CONSONANTS.matcher(lower).matches()) {
            return Ending.CONSONANT;
        }
        char last = lower.charAt(lower.length() - 1);
        boolean isSpelt = word.length() == 1 || word.equals(word.toUpperCase(Locale.ROOT)) || !lower.matches(".*[aeiouy].*");
        return isSpelt ? of(LETTERS.charAt(last - 'a')) : word(lower, last);
    }

    private static Ending word(String word, char last) {
        Matcher silent = SILENT.matcher(word);
        if (silent.matches() || word.matches(".*[bdgkptz]le")) {
            return word.charAt(word.length() - 2) == 'l' ? Ending.RIEUL : Ending.CONSONANT;
        }
        return switch (last) {
            case 'l' -> Ending.RIEUL;
            case 'm', 'n' -> Ending.CONSONANT;
            case 'g' -> word.endsWith("ng") ? Ending.CONSONANT : Ending.VOWEL;
            // A stop behind a short vowel is a final consonant: 맵, 넷, 백; behind a long one it gets a vowel: 시트, 루프.
            case 'k', 'p', 't', 'c' -> word.matches("(.*[^aeiou])?([aeiou]|ou|oo(?=k))[kptc]|.*ck") ? Ending.CONSONANT : Ending.VOWEL;
            default -> Ending.VOWEL;
        };
    }
}
