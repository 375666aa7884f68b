package io.chainrule;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.op.OpCatalogue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is known of an op stands in its definition; others ask there, and know no op by name but those that they are about. */
class OpNamesTest {
    private static final Path MAIN = Path.of("src/main/java/io/chainrule");
    private static final Pattern COMMENT_OR_TEXT = Pattern.compile("//.*|/\\*(?s:.*?)\\*/|\"((?:[^\"\\\\\\n]|\\\\.)*)\"");

    /** Files and packages that are about certain ops. */
    private static final List<String> ABOUT_OPS = List.of(
            // The definitions.
            "core/op/",
            // The rules of textbook form, each of which rewrites the ops that it names.
            "core/simplify/",
            // Functions of other languages, many of which are called as ops are.
            "core/code/",
            // The ops that operators, signs, lists, indices and methods in an expression are.
            "core/expression/ExpressionEvaluator.java", "core/expression/OpCalls.java", "core/print/Notation.java",
            "core/expression/Operator.java", "core/expression/LectureOps.java", "core/expression/Indexes.java",
            "core/expression/Template.java", "core/expression/LibraryCalls.java", "core/expression/ListLiterals.java",
            "core/expression/Members.java", "core/expression/ClaimedLines.java", "core/expression/Elements.java",
            "core/expression/ElementNodes.java", "core/expression/ElementAssignment.java", "core/expression/ElementSyntax.java",
            // The ops that layers, losses and initializers are made of, and their options called alike.
            "core/network/",
            // The ops that a person writes otherwise, or not at all.
            "core/grade/Handwriting.java", "core/grade/Writing.java", "core/grade/ShortForms.java",
            // What tells that an input is a label, a size or a matrix, and the mistakes that are made with certain ops.
            "core/grade/InputRoles.java", "core/grade/Branches.java", "core/grade/BiasedVariance.java", "core/grade/EditGuesses.java",
            "core/grade/RuleGuesses.java",
            // Examples in the documentation of requests and answers.
            "web/v1/");

    /** Options and words of answers that are called as an op is. */
    private static final Set<String> OTHER_WORDS = Set.of("all", "diagonal");

    static Stream<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(MAIN)) {
            return files.filter(file -> file.toString().endsWith(".java")).map(file -> MAIN.relativize(file).toString())
                    .filter(file -> ABOUT_OPS.stream().noneMatch(file::startsWith)).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void noOpIsSpeltWhereFactsAreAskedFor(String file) {
        assertThat(texts(file)).filteredOn(OpNamesTest::isOpName).as("ask OpCatalogue for a trait or a text of the op instead").isEmpty();
    }

    @Test
    void theListOfThoseThatAreAboutOpsIsNoLongerThanItMustBe() {
        assertThat(ABOUT_OPS).allSatisfy(place -> {
            try (Stream<Path> files = Files.walk(MAIN.resolve(place))) {
                assertThat(files.filter(Files::isRegularFile)
                        .flatMap(file -> texts(MAIN.relativize(file).toString()).stream().filter(OpNamesTest::isOpName))).isNotEmpty();
            }
        });
    }

    private static boolean isOpName(String text) {
        return !OTHER_WORDS.contains(text) && OpCatalogue.find(text) != null;
    }

    /** The contents of string literals outside comments. */
    private static List<String> texts(String file) {
        try {
            return COMMENT_OR_TEXT.matcher(Files.readString(MAIN.resolve(file))).results().map(found -> found.group(1))
                    .filter(Objects::nonNull).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
