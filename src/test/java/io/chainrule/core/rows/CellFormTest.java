package io.chainrule.core.rows;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.rows.CellForm.Kind;
import io.chainrule.core.tensor.Shape;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is found in a cell when a data set is stored is what a job reads there. */
class CellFormTest {
    private static final List<String> PIECES = List.of("[", "]", "[", "]", ",", ", ", " ", "1", "-2.5", "3e2", "NaN", "\"NaN\"", "null",
            "\"1\"", "\"", "x", "true", "1e999", "\n");

    private final CellForm cells = new CellForm();
    private final CellText reader = new CellText();

    private Kind found(String text) {
        byte[] bytes = ("7" + text + "7").getBytes(StandardCharsets.UTF_8);
        return cells.of(bytes, 1, bytes.length - 1);
    }

    private CellText.Kind read(String text, Shape shape) {
        byte[] bytes = ("7" + text + "7").getBytes(StandardCharsets.UTF_8);
        return reader.array(bytes, 1, bytes.length - 1, shape, new double[shape.length()], 0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``          | MISSING
            ` `         | MISSING
            NA          | MISSING
            null        | MISSING
            [1, null]   | MISSING
            [null, "NaN"] | MISSING
            [null, x]   | TEXT
            1           | NUMBER
            -inf        | NUMBER
            True        | NUMBER
            1e999       | TEXT
            1x          | TEXT
            [1          | TEXT
            [1, 2] 3    | TEXT
            [1, "2"]    | TEXT
            [1, [2]]    | TEXT
            [[1], [2,3]]| TEXT
            [1,]        | TEXT
            [,1]        | TEXT
            """)
    void cellsAreOfAKind(String text, Kind expected) {
        assertThat(found(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            []                          | [0]
            [[], []]                    | [2, 0]
            [1, -2.5e3, NaN, "NaN"]     | [4]
            ` [ [1, 2,3] , [4,5,6] ] `  | [2, 3]
            [[[true]], [["-Infinity"]]] | [2, 1, 1]
            """)
    void arraysHaveAShape(String text, String shape) {
        assertThat(found(text)).isEqualTo(Kind.ARRAY);
        assertThat(cells.shape()).hasToString(shape);
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 65, 100_000})
    void arraysAreNestedSoDeepAtMost(int depth) {
        assertThat(found("[".repeat(depth) + "1" + "]".repeat(depth))).isEqualTo(depth > 64 ? Kind.TEXT : Kind.ARRAY);
    }

    /** Of random texts, some of which are arrays. */
    @Test
    void whatIsFoundIsWhatIsRead() {
        SplittableRandom random = new SplittableRandom(7);
        int arrays = 0;
        for (int i = 0; i < 200_000; i++) {
            StringBuilder text = new StringBuilder(random.nextInt(3) == 0 ? "" : "[");
            for (int j = random.nextInt(9); j > 0; j--) {
                text.append(PIECES.get(random.nextInt(PIECES.size())));
            }
            String cell = text.append(random.nextInt(3) == 0 ? "" : "]").toString();
            byte[] bytes = cell.getBytes(StandardCharsets.UTF_8);
            CellText.Kind number = reader.number(bytes, 0, bytes.length);
            switch (cells.of(bytes, 0, bytes.length)) {
                case NUMBER -> assertThat(number).as(cell).isEqualTo(CellText.Kind.NUMBER);
                case ARRAY -> {
                    arrays++;
                    Shape shape = Shape.of(cells.shape().stream().mapToInt(Integer::intValue).toArray());
                    assertThat(read(cell, shape)).as(cell).isEqualTo(CellText.Kind.NUMBER);
                }
                case MISSING -> assertThat(number == CellText.Kind.MISSING || cell.contains("null")).as(cell).isTrue();
                case TEXT -> {
                    assertThat(number).as(cell).isEqualTo(CellText.Kind.MALFORMED);
                    for (Shape shape : List.of(Shape.of(0), Shape.of(1), Shape.of(2), Shape.of(3), Shape.of(1, 1), Shape.of(2, 1),
                            Shape.of(1, 2))) {
                        assertThat(read(cell, shape)).as("%s as %s", cell, shape).isEqualTo(CellText.Kind.MALFORMED);
                    }
                }
            }
        }
        assertThat(arrays).isGreaterThan(1_000);
    }
}
