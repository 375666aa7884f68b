package io.chainrule.core.code;

import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Names that generated code of a language cannot give to a variable: keywords, and what the code reads from outside of the function. */
final class ReservedWords {
    /** Soft keywords are variables' names as well. The builtins are those that templates use. */
    static final Predicate<String> PYTHON = words("""
            False None True and as assert async await break class continue def del elif else except finally for from global if import in is
            lambda nonlocal not or pass raise return try while with match case type np math float int bool range len list tuple dict
            zip map value_and_gradient""")::contains;
    static final Predicate<String> JAVA = words("""
            abstract assert boolean break byte case catch char class const continue default do double else enum extends final finally float
            for goto if implements import instanceof int interface long native new package private protected public return short static
            strictfp super switch synchronized this throw throws transient try void volatile while true false null var yield record sealed
            permits when exports module open opens provides requires to transitive uses with Math Double Integer String Object Gradient
            Result java valueAndGradient""")::contains;
    /** {@code undefined} and the like can be declared within a function, but nobody expects it. */
    static final Predicate<String> JAVASCRIPT = words("""
            arguments as async await break case catch class const continue debugger default delete do else enum eval export extends false
            finally for from function get if implements import in instanceof interface let new null of package private protected public
            return set static super switch this throw true try typeof undefined var void while with yield NaN Infinity Math Number Array
            Float64Array Object globalThis valueAndGradient""")::contains;
    /** Keywords from C99 to C23 and GNU's, macros of compilers and of the headers that the code includes, and functions that it calls. */
    private static final Set<String> C_WORDS = words("""
            alignas alignof auto bool break case char const constexpr continue default do double else enum extern false float for goto if
            inline int long nullptr register restrict return short signed sizeof static static_assert struct switch thread_local true
            typedef typeof typeof_unqual union unsigned void volatile while asm fortran linux unix i386 vax sun NULL NAN INFINITY MAXFLOAT
            OVERFLOW UNDERFLOW DOMAIN SING PLOSS TLOSS X_TLOSS NFDBITS BYTE_ORDER BIG_ENDIAN LITTLE_ENDIAN PDP_ENDIAN RAND_MAX MB_CUR_MAX
            EXIT_FAILURE EXIT_SUCCESS math_errhandling signgam calloc free size_t main value_and_gradient
            WCONTINUED WEXITED WNOHANG WNOWAIT WSTOPPED WUNTRACED""");
    private static final Pattern C_MACRO = Pattern
            .compile("(M_(E|PI|LN|LOG|SQRT|1_PI|2_PI|2_SQRTPI)|FP_|MATH_ERR|HUGE_VAL|SNAN|FD_)\\w*(?<!_)");

    private ReservedWords() {}

    private static Set<String> words(String list) {
        return Set.of(list.strip().split("\\s+"));
    }

    /** For C also every function that some template calls, since C has them in one space of names. */
    static boolean inC(String name) {
        return C_WORDS.contains(name) || C_MACRO.matcher(name).matches() || LoopHelpers.called().contains(name);
    }
}
