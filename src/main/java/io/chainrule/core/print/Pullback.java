package io.chainrule.core.print;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How an op pulls a cotangent back to an operand, read from the derivative in its definition: of {@code \bar a = \bar y\, b^\mathsf{T}}
 * what is right of the equals sign, with places for the operands, the result and its cotangent.
 *
 * @param subscript the indices of the operand's cotangent, or nothing
 * @param letters those that are neither a place, nor an index of the operand, of a sum or of a product
 */
record Pullback(Formula formula, String subscript, boolean hasWords, Set<String> letters) {
    static final int UPSTREAM = 9;
    static final int RESULT = 8;
    /** The Jacobian of the result by the operand. */
    static final int JACOBIAN = 7;
    /** For want of anything better: the product of the cotangent and the Jacobian. */
    static final Pullback DEFAULT = new Pullback(FormulaParser.parse("$9\\, $7"), "", false, Set.of());

    private static final Pattern CLAUSE = Pattern
            .compile("(?:\\\\text\\{in ([a-z]+) \\} *)?\\\\bar ([A-Za-z])((?:_[a-z]|_\\{[^{}]*\\})?) = (.*)");
    private static final String SUBSCRIPT = "_\\{(?:[^{}]|\\{[^{}]*\\})*\\}|_[a-zA-Z0-9]|\\^\\{-1\\}|\\^[0-9a-z]";
    private static final Pattern TOKEN = Pattern.compile(
            "\\\\(?:text|operatorname|mathsf|mathrm)\\{[^{}]*\\}|\\\\bar [A-Za-z]|" + SUBSCRIPT + "|\\\\[A-Za-z]+|\\\\.|[A-Za-z]|.");
    private static final Pattern LETTER = Pattern.compile("\\\\(?:text|operatorname|mathsf|mathrm)\\{[^{}]*\\}|\\$[0-9]|\\\\?[A-Za-z]+");
    private static final Pattern MODE = Pattern.compile("\\\\text\\{in ([a-z]+) \\}");
    private static final Pattern OF_THE_WHOLE = Pattern.compile("\\\\operatorname\\{[a-z]+\\}(_\\{[^}]*\\})?\\(\\\\bar y\\)");
    private static final Pattern BOUND = Pattern.compile("\\\\(?:sum|prod)_\\{((?:(?![:<=]|\\\\(?:ge|le|ne|text)\\b)[^}])*)");
    private static final Pattern INDEXED = Pattern.compile("(?<![A-Za-z\\\\$])([A-Za-z])(?=_)");
    private static final Set<String> GREEK = Set.of("\\sigma", "\\delta", "\\mu", "\\lambda");
    private static final Set<String> COMMANDS = Set.of("\\frac", "\\sqrt", "\\sum", "\\prod", "\\odot", "\\cdot", "\\left", "\\right",
            "\\sigma", "\\delta", "\\mu", "\\max", "\\min", "\\ge", "\\le", "\\ne", "\\times", "\\dots", "\\to", "\\lVert", "\\rVert",
            "\\star",
            "\\bmod", "\\lambda");
    /** What only sets sizes is left out. */
    private static final Set<String> LAYOUT = Set.of("\\big", "\\Big", "\\textstyle");
    private static final List<String> FREE = List.of("i", "j", "k", "l", "m", "r", "t", "u", "v", "w", "s", "p", "q", "g", "h", "a", "b");
    /** Letters that textbooks use for indices. */
    private static final Set<String> INDICES = Set.of("i", "j", "k", "l");
    private static final Set<String> AXES = Set.of("axis", "keepdims");
    /** By the name of an op and the number of an operand; catalogues are small. */
    private static final Map<String, Optional<Pullback>> KNOWN = new ConcurrentHashMap<>();

    /** A place of a formula. */
    interface Visitor {
        void visit(Formula.Place place, boolean isTransposed);
    }

    /** Null where the definition does not say it in a way that stands by itself. */
    static @Nullable Pullback of(OpDefinition definition, int operand, Map<String, Object> attributes) {
        if (operand >= definition.operands().size() || definition.callForm().isVariadic() || !holds(definition, attributes)) {
            return null;
        }
        List<String> modes = attributes.entrySet().stream().filter(each -> each.getValue().equals(true)).map(Map.Entry::getKey).toList();
        String mode = modes.stream().filter(name -> definition.derivative().contains("\\text{in " + name + " }")).findFirst().orElse("");
        return KNOWN.computeIfAbsent(definition.name() + " " + operand + mode,
                _ -> Optional.ofNullable(read(definition, operand, mode)).or(() -> Optional.ofNullable(read(definition, operand, ""))))
                .orElse(null);
    }

    /** {@code mode} is the attribute under which the clause holds, or nothing. */
    private static @Nullable Pullback read(OpDefinition definition, int operand, String mode) {
        List<String> names = definition.operands();
        for (String clause : definition.derivative().split(",\\\\ |;(?:\\\\ )?", -1)) {
            Matcher matcher = CLAUSE.matcher(clause.strip());
            if (matcher.matches() && Objects.requireNonNullElse(matcher.group(1), "").equals(mode)
                    && isNameOf(matcher.group(2), names.get(operand))) {
                Pullback found = read(matcher.group(4), matcher.group(3), names);
                return found != null && definition.backward().letters().stream().map(letter -> letter.symbol()).toList()
                        .containsAll(found.letters) ? found : null;
            }
        }
        return null;
    }

    /** An operand is called by its name, or by the first letter of it. */
    private static boolean isNameOf(String letter, String operand) {
        return operand.startsWith(letter) || operand.equals("kernel") && letter.equals("w");
    }

    private static @Nullable Pullback read(String right, String subscript, List<String> operands) {
        StringBuilder template = new StringBuilder();
        Matcher tokens = TOKEN.matcher(withoutSecondEquation(right));
        while (tokens.find()) {
            String token = tokens.group();
            if (token.startsWith("\\bar ")) {
                if (!token.endsWith("y")) {
                    return null;
                }
                template.append("$9");
            } else if (token.length() > 1 && (token.startsWith("_") || token.startsWith("^"))) {
                template.append(indexed(braced(token), operands));
            } else if (token.matches("\\\\[A-Za-z]+") && !COMMANDS.contains(token) && !LAYOUT.contains(token)) {
                return null;
            } else if (!LAYOUT.contains(token)) {
                template.append(token.length() == 1 && Character.isLetter(token.charAt(0)) ? place(token, operands) : token);
            }
        }
        String latex = template.toString().replaceAll("\\^(\\\\mathsf\\{T\\})", "^{$1}").strip();
        String indices = subscript.isEmpty() ? "" : inside(braced(subscript));
        return new Pullback(FormulaParser.parse(latex), indices, latex.contains("\\text{"), unbound(indices, latex));
    }

    /** In a subscript, letters that have one themselves are operands or the result too. */
    private static String indexed(String script, List<String> operands) {
        return script.charAt(0) == '^'
                ? script
                : INDEXED.matcher(script).replaceAll(letter -> Matcher.quoteReplacement(place(letter.group(1), operands)));
    }

    private static Set<String> unbound(String indices, String latex) {
        Set<String> bound = new TreeSet<>(letters(indices));
        bound.removeAll(GREEK);
        bound.add("e");
        BOUND.matcher(latex).results().forEach(sum -> bound.addAll(letters(sum.group(1))));
        Set<String> found = new TreeSet<>(letters(indices));
        found.addAll(letters(latex));
        found.removeAll(bound);
        return found;
    }

    private static Set<String> letters(String latex) {
        Set<String> found = new TreeSet<>();
        LETTER.matcher(latex).results().map(MatchResult::group).forEach(token -> {
            if (GREEK.contains(token)) {
                found.add(token);
            } else if (Character.isLetter(token.charAt(0))) {
                token.chars().forEach(letter -> found.add(Character.toString(letter)));
            }
        });
        return found;
    }

    /**
     * Whether the form holds for an op with these attributes: for others than those that say along which axis, or that the definition
     * names, the derivative in the definition is that of the defaults. No power or factor is infinite.
     */
    private static boolean holds(OpDefinition definition, Map<String, Object> attributes) {
        Set<String> known = new TreeSet<>(AXES);
        definition.backward().letters().forEach(letter -> known.add(letter.word()));
        MODE.matcher(definition.derivative()).results().forEach(mode -> known.add(mode.group(1)));
        boolean isFinite = attributes.values().stream().noneMatch(value -> value instanceof Double number && !Double.isFinite(number));
        // A function of the whole gradient has no index that could tell along which axis it is.
        boolean isOfAllAxes = !attributes.containsKey("axis") || !OF_THE_WHOLE.matcher(definition.derivative()).find();
        return isFinite && isOfAllAxes && definition.attributes().stream().filter(attribute -> !attribute.required())
                .noneMatch(attribute -> attributes.containsKey(attribute.name()) && !known.contains(attribute.name()));
    }

    /** What follows a second equals sign outside brackets says the same in other words. */
    private static String withoutSecondEquation(String text) {
        int depth = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '{' || c == '[' || c == '(' ? 1 : c == '}' || c == ']' || c == ')' ? -1 : 0;
            if (depth == 0 && c == '=') {
                return text.substring(0, i).strip();
            }
        }
        return text;
    }

    private static String braced(String script) {
        return script.charAt(1) == '{'
                ? script.substring(0, 2) + script.substring(2).replaceAll("_([a-z])", "_{$1}")
                : script.charAt(0) + "{" + script.substring(1) + "}";
    }

    private static String inside(String script) {
        return script.substring(2, script.length() - 1);
    }

    private static String place(String letter, List<String> operands) {
        if (letter.equals("y")) {
            return "$" + RESULT;
        }
        for (int k = 0; k < operands.size(); k++) {
            if (isNameOf(letter, operands.get(k))) {
                return "$" + k;
            }
        }
        return letter;
    }

    /**
     * Other letters for those of this form that are names of nodes, by the letter in LaTeX: an index {@code i} in a program that has an
     * input of this name is another letter. A constant never gets one that readers take for an index.
     */
    Map<String, String> renamed(NamedGraph program) {
        Set<String> own = new TreeSet<>();
        Stream.of(formula, FormulaParser.parse(subscript)).forEach(part -> part.replaced(item -> {
            if (item instanceof Formula.Symbol(String latex) && isLetter(latex.strip())) {
                own.add(latex.strip());
            }
            return null;
        }));
        List<String> free = FREE.stream().filter(letter -> !own.contains(letter) && program.find(letter) == null).toList();
        Map<String, String> renamed = new HashMap<>();
        own.stream().filter(letter -> program.find(letter) != null || letter.startsWith("\\") && isNode(program, letter.substring(1)))
                .forEach(letter -> free.stream().filter(other -> !renamed.containsValue(other))
                        .filter(other -> !letters.contains(letter) || !INDICES.contains(other)).findFirst()
                        .ifPresent(other -> renamed.put(letter, other)));
        return renamed;
    }

    private static boolean isLetter(String latex) {
        return latex.matches("[A-Za-z]") && !latex.equals("e") || GREEK.contains(latex) && !latex.equals("\\sigma");
    }

    private static boolean isNode(NamedGraph program, String greek) {
        return program.find(greek) != null || program.find(Typesetting.GREEK.getOrDefault(greek, greek)) != null;
    }

    static boolean isTransposition(Formula script) {
        return script instanceof Formula.Word(String command, String text) && command.equals("\\mathsf") && text.equals("T");
    }

    static Shape shape(Formula.Place place, Graph graph, int to) {
        return graph.shape(place.operand() < JACOBIAN ? graph.operand(to, place.operand()) : to);
    }

    /** Visits the places from left to right, but for those in indices. */
    void places(Visitor visitor) {
        visit(formula, false, visitor);
    }

    private static void visit(Formula formula, boolean isTransposed, Visitor visitor) {
        switch (formula) {
            case Formula.Row(var items) -> items.forEach(item -> visit(item, isTransposed, visitor));
            case Formula.Group(var of) -> visit(of, isTransposed, visitor);
            case Formula.Fraction(var over, var under) -> {
                visit(over, isTransposed, visitor);
                visit(under, isTransposed, visitor);
            }
            case Formula.Root(var of) -> visit(of, isTransposed, visitor);
            case Formula.Fenced fenced -> visit(fenced.inside(), isTransposed, visitor);
            case Formula.Script(var base, var script, boolean isAbove) -> {
                visit(base, isTransposition(script), visitor);
                if (isAbove) {
                    visit(script, false, visitor);
                }
            }
            case Formula.Place place -> visitor.visit(place, isTransposed);
            default -> {
            }
        }
    }

    boolean hasFraction() {
        return has(formula, part -> part instanceof Formula.Fraction);
    }

    boolean hasSum() {
        return has(formula, part -> part instanceof Formula.Symbol(String latex) && latex.strip().equals("\\sum"));
    }

    /** Whether letters other than indices are factors. */
    boolean isScaled() {
        return has(formula, part -> part instanceof Formula.Script(Formula.Symbol(String latex), var _, var _)
                && latex.codePoints().allMatch(Character::isLetter));
    }

    /** Whether a part of a formula outside of subscripts is such a one. */
    private static boolean has(Formula formula, Predicate<Formula> kind) {
        return kind.test(formula) || switch (formula) {
            case Formula.Row(var items) -> items.stream().anyMatch(item -> has(item, kind));
            case Formula.Group(var of) -> has(of, kind);
            case Formula.Fenced fenced -> has(fenced.inside(), kind);
            case Formula.Script(var base, var _, var _) -> has(base, kind);
            default -> false;
        };
    }

    /** Whether the formula is a plain product of what stands at its places. */
    boolean isProduct() {
        List<Formula> factors = formula instanceof Formula.Row(var items) ? items : List.of(formula);
        return factors.stream().allMatch(factor -> switch (factor) {
            case Formula.Place _ -> true;
            case Formula.Script(var base, var script, var _) -> base instanceof Formula.Place && isTransposition(script);
            case Formula.Symbol(String latex) -> latex.equals(" ") || latex.equals("\\,") || latex.equals("-");
            default -> false;
        });
    }
}
