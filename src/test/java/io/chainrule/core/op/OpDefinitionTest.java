package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.entry;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A definition tells of its op what its author said, and makes instances. */
class OpDefinitionTest {

    private static OpDefinition f(String... operands) {
        return OpDefinition.define("f", Family.CUSTOM, operands);
    }

    private static Elementwise exponential() {
        return Elementwise.unary("f", Map.of(), Math::exp);
    }

    @Test
    void what_is_not_said_has_a_usual_value() {
        OpDefinition plain = f("x");
        assertThat(plain.name()).isEqualTo("f");
        assertThat(plain.family()).isEqualTo(Family.CUSTOM);
        assertThat(plain.operands()).containsExactly("x");
        assertThat(plain.callForm()).isEqualTo(CallForm.PLAIN);
        assertThat(plain.aliases()).isEmpty();
        assertThat(plain.attributes()).isEmpty();
        assertThat(plain.equivalentForms()).isEmpty();
        assertThat(Stream.of(Trait.values()).filter(plain::has)).isEmpty();
        assertThat(plain.formula()).isEmpty();
        assertThat(plain.derivative()).isEmpty();
        assertThat(plain.backward()).isEqualTo(Backward.PLAIN);
        assertThat(Stream.of(plain.convention(), plain.vanishing(), plain.latex(), plain.code(), plain.checkedOperand()))
                .containsOnlyNulls();
        assertThat(plain.cautions()).isEqualTo(Cautions.NONE);
        assertThat(plain.domain()).containsExactly(-2, 2);
    }

    @Test
    void what_is_said_is_told() {
        Circuit form = x -> x[0];
        Circuit other = x -> x[1];
        Attribute axis = Attribute.required("axis", Attribute.Type.INT, "which");
        Attribute flag = Attribute.flag("keepdims", "whether");
        Cautions cautions = Cautions.NONE.limits(-1, 1);
        OpCode code = OpCode.scalar("f($0)");
        OpDefinition all = f("x", "y").alias("g").alias("h", "i").attribute(axis).attribute(flag)
                .formula("x^y", "y x^{y-1}", Backward.count("n"), Backward.attribute("a", "axis")).convention("0 at 0").domain(0.5, 3)
                .equivalentForms(form, other).traits(Trait.FINITE, Trait.POSITIVE).traits(Trait.SUMS).latex("\\lfloor ", "\\rfloor")
                .code(code).vanishes("for a reason").checks(1).cautions(cautions);
        assertThat(all.aliases()).containsExactly("g", "h", "i");
        assertThat(all.attributes()).containsExactly(axis, flag);
        assertThat(all.formula()).isEqualTo("x^y");
        assertThat(all.derivative()).isEqualTo("y x^{y-1}");
        assertThat(all.backward().letters()).extracting(Backward.Letter::symbol).containsExactly("n", "a");
        assertThat(all.convention()).isEqualTo("0 at 0");
        assertThat(all.domain()).containsExactly(0.5, 3);
        assertThat(all.equivalentForms()).containsExactly(form, other);
        assertThat(Stream.of(Trait.values()).filter(all::has)).containsExactlyInAnyOrder(Trait.FINITE, Trait.POSITIVE, Trait.SUMS);
        assertThat(Objects.requireNonNull(all.latex()).text()).isEqualTo("\\lfloor $*\\rfloor");
        assertThat(all.code()).isSameAs(code);
        assertThat(all.vanishing()).isEqualTo("for a reason");
        assertThat(all.checkedOperand()).isEqualTo(1);
        assertThat(all.cautions()).isSameAs(cautions);
    }

    static Stream<Arguments> calls() {
        return Stream.of(form("f(x, y)", d -> d), form("f(x, y, …)", OpDefinition::variadic), form("f(x[, y])", OpDefinition::lastOptional),
                form("f(x, [y, …])", OpDefinition::sequence), form("f(x, y, …)", d -> d.variadic().pairwise("max")),
                form("f(x, [y, …])", d -> d.sequence().pairwise("max")), form("f(x, [y, …])", d -> d.pairwise("max").sequence()),
                form("f(x[, y, …])", d -> d.variadic().lastOptional()), form("f(x[, y, …])", d -> d.lastOptional().variadic()),
                form("f(x, y, …)", d -> d.several("max").variadic()));
    }

    private static Arguments form(String text, UnaryOperator<OpDefinition> form) {
        return Arguments.of(text, form);
    }

    @ParameterizedTest
    @MethodSource("calls")
    void a_call_has_the_form_that_was_said(String text, UnaryOperator<OpDefinition> form) {
        OpDefinition definition = form.apply(f("x", "y"));
        assertThat(definition.callForm().text("f", definition.operands(), List.of())).isEqualTo(text);
    }

    @Test
    void each_part_of_the_form_is_kept_when_another_is_added() {
        CallForm all = f("x").pairwise("max").lastOptional().sequence().several("min").callForm();
        assertThat(all).isEqualTo(new CallForm(true, true, true, "min", true));
        assertThat(all.variadic()).isEqualTo(all);
        assertThat(all.pairwise("max")).isEqualTo(new CallForm(true, true, true, "max", true));
        assertThat(f("x").pairwise("max").callForm()).isEqualTo(new CallForm(false, false, false, "max", false));
        assertThat(f("x").several("max").callForm()).isEqualTo(new CallForm(false, false, false, "max", true));
        assertThat(f("x").variadic().callForm()).isEqualTo(new CallForm(true, false, false, null, false));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # default | shown
            2.0       | a=2
            -3.0      | a=-3
            0.5       | a=0.5
            1e9       | a=1.0E9
            -1e9      | a=-1.0E9
            999999999 | a=999999999
            Infinity  | a=Infinity
            """)
    void a_default_is_shown_as_people_write_it(double value, String shown) {
        assertThat(CallForm.PLAIN.text("f", List.of(), List.of(Attribute.number("a", value, "")))).isEqualTo("f(" + shown + ")");
    }

    @Test
    void attributes_follow_by_place_or_by_name() {
        Attribute required = Attribute.required("r", Attribute.Type.INT, "");
        Attribute text = Attribute.optional("t", Attribute.Type.TEXT, "mean", "");
        Attribute none = Attribute.optional("n", Attribute.Type.INT, null, "");
        List<Attribute> all = List.of(required, text, none);
        assertThat(CallForm.PLAIN.text("f", List.of(), all)).isEqualTo("f(r, t='mean', n=None)");
        assertThat(CallForm.PLAIN.text("f", List.of("x"), all)).isEqualTo("f(x, r, t='mean', n=None)");
        assertThat(CallForm.PLAIN.text("f", List.of("x"), List.of(text, required))).isEqualTo("f(x, t='mean', r=…)");
        assertThat(CallForm.PLAIN.variadic().text("f", List.of("x"), all)).isEqualTo("f(x, …, *, r, t='mean', n=None)");
        assertThat(CallForm.PLAIN.variadic().text("f", List.of(), all)).isEqualTo("f(*, r, t='mean', n=None)");
        assertThat(CallForm.PLAIN.sequence().text("f", List.of("x"), all)).isEqualTo("f([x, …], r, t='mean', n=None)");
        assertThat(CallForm.PLAIN.several("max").text("f", List.of("x"), all)).isEqualTo("f(x, *, r, t='mean', n=None)");
        assertThat(CallForm.PLAIN.lastOptional().text("f", List.of("x"), all)).isEqualTo("f([x,] r, t='mean', n=None)");
    }

    @Test
    void an_example_is_a_call_on_numbers_of_the_domain_unless_another_is_given() {
        OpDefinition plain = f("x", "y").domain(1, 3);
        assertThat(plain.example()).isEqualTo("f(x, y)");
        // 60 and 75 of 100 parts of the way from 1 to 3.
        assertThat(plain.exampleInputs()).containsExactly(entry("x", Tensor.scalar(2.2)), entry("y", Tensor.scalar(2.5)));
        Tensor row = Tensor.of(Shape.of(2), 1, 2);
        OpDefinition given = f("x", "y").example("f(x, 2 * y)", row, Tensor.scalar(7));
        assertThat(given.example()).isEqualTo("f(x, 2 * y)");
        assertThat(given.exampleInputs()).containsExactly(entry("x", row), entry("y", Tensor.scalar(7)));
        OpDefinition constructor = f().example("f(3) @ v", "v", row);
        assertThat(constructor.example()).isEqualTo("f(3) @ v");
        assertThat(constructor.exampleInputs()).containsExactly(entry("v", row));
    }

    @Test
    void the_domain_cannot_be_changed_from_outside() {
        OpDefinition definition = f("x").domain(0, 1);
        definition.domain()[0] = 5;
        assertThat(definition.domain()).containsExactly(0, 1);
    }

    @Test
    void one_instance_serves_all_calls_without_attributes() {
        Op op = exponential();
        OpDefinition fixed = f("x").as(op);
        assertThat(fixed.op()).isSameAs(op);
        assertThat(fixed.create(Map.of(), 1)).isSameAs(op);
        OpDefinition made = f("x").attribute(Attribute.number("beta", 1, "")).as(_ -> exponential());
        assertThatThrownBy(made::op).hasMessage("f");
        Op first = made.create(Map.of(), 1);
        assertThat(made.create(Map.of("beta", 1), 1)).as("with an attribute").isNotSameAs(first);
        assertThat(made.create(Map.of(), 1)).isSameAs(first);
        assertThat(made.op()).isSameAs(first);
    }

    @Test
    void everything_that_is_wrong_with_a_call_is_told() {
        OpDefinition definition = f("x").attribute(Attribute.required("n", Attribute.Type.INT, "")).as(attributes -> {
            attributes.integer("n", 1, 9);
            return exponential();
        });
        assertThat(problems(definition, Map.of(), 2)).extracting(Problem::code).containsExactly(ProblemCode.WRONG_ARITY,
                ProblemCode.BAD_ATTRIBUTE);
        assertThat(problems(definition, Map.of("n", 10), 1)).extracting(Problem::code).containsExactly(ProblemCode.BAD_ATTRIBUTE);
        assertThat(problems(definition, Map.of("n", 3), 0)).extracting(Problem::message).containsExactly("f takes 1 operand [x], not 0");
        assertThat(definition.create(Map.of("n", 9), 1).name()).isEqualTo("f");
    }

    private static List<Problem> problems(OpDefinition definition, Map<String, ?> given, int operands) {
        return catchThrowableOfType(ProblemException.class, () -> definition.create(given, operands)).problems();
    }

    static Stream<Arguments> counts() {
        return Stream.of(Arguments.of(f(), 1, "no operands"), Arguments.of(f("x"), 0, "1 operand [x]"),
                Arguments.of(f("x"), 2, "1 operand [x]"), Arguments.of(f("x", "y"), 1, "2 operands [x, y]"),
                Arguments.of(f("x", "y").variadic(), 1, "at least 2 operands [x, y]"),
                Arguments.of(f("x").variadic(), 0, "at least 1 operand [x]"),
                Arguments.of(f("x", "y").lastOptional(), 0, "1 or 2 operands [x, y]"),
                Arguments.of(f("x", "y").lastOptional(), 3, "1 or 2 operands [x, y]"), Arguments.of(f(), 0, null),
                Arguments.of(f("x"), 1, null), Arguments.of(f("x", "y"), 2, null), Arguments.of(f("x", "y").variadic(), 2, null),
                Arguments.of(f("x", "y").variadic(), 9, null), Arguments.of(f("x", "y").lastOptional(), 1, null),
                Arguments.of(f("x", "y").lastOptional(), 2, null));
    }

    @ParameterizedTest
    @MethodSource("counts")
    void operands_are_as_many_as_the_form_says(OpDefinition definition, int count, @Nullable String wanted) {
        List<Problem> found = Definitions.arity(definition, count);
        if (wanted == null) {
            assertThat(found).isEmpty();
        } else {
            assertThat(found).singleElement().satisfies(problem -> {
                assertThat(problem.message()).isEqualTo("f takes " + wanted + ", not " + count);
                assertThat(problem.expected()).isEqualTo(wanted);
                assertThat(problem.actual()).isEqualTo(String.valueOf(count));
            });
        }
        // Those who ask add what else is wrong.
        found.add(Problem.of(ProblemCode.BAD_ATTRIBUTE, "more"));
    }

    @Test
    void a_circuit_and_an_accuracy_are_those_of_the_one_instance() {
        Elementwise op = exponential();
        OpDefinition definition = f("x").as(op).circuit(x -> Maths.exp(x[0])).accuracy((_, x, e, y) -> 7);
        assertThat(definition).isNotNull();
        assertThat(op.isGate()).isTrue();
        GraphBuilder graph = GraphBuilder.withShapes();
        Node x = graph.input("x", Shape.SCALAR);
        Node y = graph.add(op, x);
        Node bound = Objects.requireNonNull(op.error(y, new Node[]{null}));
        Tensor result = Tensor.scalar(0);
        bound.op().prepare(new Shape[]{Shape.SCALAR, Shape.SCALAR, Shape.SCALAR}, Shape.SCALAR)
                .run(new double[][]{{1}, {0}, {1}}, result.data(), Parallel.NONE);
        assertThat(result.item()).isEqualTo(7);
    }

    @Test
    void a_trait_is_given_to_all_of_a_list() {
        List<OpDefinition> both = List.of(f("x"), f("y"));
        assertThat(Definitions.all(Trait.COMPARES, both)).isSameAs(both).allMatch(one -> one.has(Trait.COMPARES));
    }

    @Test
    void cautions_add_up() {
        OpDefinition applied = f("x");
        Cautions.Exactness exactness = (x, y) -> x[0] == y;
        Cautions all = Cautions.NONE.limits(-1, 1).labels(1, 0, 2).applies(applied).exactWhere(exactness);
        assertThat(all.limits()).isEqualTo(new Cautions.Limits(-1, 1));
        assertThat(all.labels()).isEqualTo(new Cautions.Labels(1, 0, 2, false));
        assertThat(all.applied()).isSameAs(applied);
        assertThat(all.exactness()).isSameAs(exactness);
        Cautions other = all.limits(0, 9).labelsOnly(0, -1, 1);
        assertThat(other.limits()).isEqualTo(new Cautions.Limits(0, 9));
        assertThat(other.labels()).isEqualTo(new Cautions.Labels(0, -1, 1, true));
        assertThat(other.applied()).isSameAs(applied);
        assertThat(other.exactness()).isSameAs(exactness);
        assertThat(other.applies(applied).exactWhere(exactness).limits()).isEqualTo(new Cautions.Limits(0, 9));
    }

    @ParameterizedTest
    @CsvSource({"-1, true, true", "1, true, true", "0, true, false", "-1.01, false, false", "1.01, false, false", "NaN, false, false"})
    void labels_are_in_a_range_or_its_ends(double value, boolean inRange, boolean atEnd) {
        assertThat(new Cautions.Labels(0, -1, 1, false).contains(value)).isEqualTo(inRange);
        assertThat(new Cautions.Labels(0, -1, 1, true).contains(value)).isEqualTo(atEnd);
    }

    @Test
    void nothing_is_said_of_leaves() {
        GraphBuilder graph = GraphBuilder.withShapes();
        Op leaf = graph.input("x", Shape.SCALAR).op();
        assertThat(Cautions.of(leaf)).isEqualTo(Cautions.NONE);
        assertThat(Cautions.isTotal(leaf)).isFalse();
        assertThat(OpCatalogue.has(leaf, Trait.FINITE)).isFalse();
        assertThat(OpCatalogue.isSlope(leaf)).isFalse();
        assertThatThrownBy(() -> OpCatalogue.of(leaf)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void a_sum_is_total_and_a_mean_is_not() {
        assertThat(Cautions.isTotal(op("sum", Map.of()))).isTrue();
        assertThat(Cautions.isTotal(op("mean", Map.of()))).isFalse();
        assertThat(Cautions.isTotal(op("mse_loss", Map.of("reduction", "sum")))).isTrue();
        assertThat(Cautions.isTotal(op("mse_loss", Map.of()))).isFalse();
        assertThat(Cautions.of(op("sigmoid", Map.of())).limits()).isEqualTo(new Cautions.Limits(0, 1));
    }

    private static Op op(String name, Map<String, ?> attributes) {
        OpDefinition definition = Objects.requireNonNull(OpCatalogue.find(name));
        return definition.create(attributes, definition.operands().size());
    }

    /** Derivatives have gates of their own, which the catalogue does not name. */
    @Test
    void a_gate_that_the_catalogue_does_not_name_is_a_slope() {
        assertThat(OpCatalogue.isSlope(exponential())).isFalse();
        assertThat(OpCatalogue.isSlope(exponential().circuit(x -> x[0]))).isTrue();
        assertThat(OpCatalogue.isSlope(op("softplus", Map.of()))).isFalse();
        assertThat(OpCatalogue.of(op("softplus", Map.of())).name()).isEqualTo("softplus");
    }

    @Test
    void code_is_a_template_for_numbers_or_for_arrays() {
        assertThat(OpCode.scalar("a")).isEqualTo(new OpCode(OpCode.Kind.SCALAR, "a", null));
        assertThat(OpCode.reduction("a")).isEqualTo(new OpCode(OpCode.Kind.REDUCTION, "a", null));
        assertThat(OpCode.map("a")).isEqualTo(new OpCode(OpCode.Kind.MAP, "a", null));
        assertThat(OpCode.product("a")).isEqualTo(new OpCode(OpCode.Kind.PRODUCT, null, "a"));
        assertThat(OpCode.array("a")).isEqualTo(new OpCode(OpCode.Kind.NUMPY, null, "a"));
        assertThat(OpCode.scalar("a").numpy("b")).isEqualTo(new OpCode(OpCode.Kind.SCALAR, "a", "b"));
    }

    private record Thing(String name) implements Catalogue.Entry {
        @Override
        public String description() {
            return "a thing";
        }

        @Override
        public @Nullable String formula() {
            return null;
        }

        @Override
        public @Nullable String source() {
            return null;
        }

        @Override
        public List<Attribute> options() {
            return List.of();
        }

        @Override
        public Map<String, Object> example() {
            return Map.of();
        }
    }

    @Test
    void a_catalogue_finds_by_name_and_names_what_is_near() {
        Thing sgd = new Thing("sgd");
        Thing adam = new Thing("adam");
        Catalogue<Thing> things = new Catalogue<>("optimizer", List.of(sgd, adam));
        assertThat(things.kind()).isEqualTo("optimizer");
        assertThat(things.all()).containsExactly(sgd, adam);
        assertThat(things.names()).containsExactly("sgd", "adam");
        assertThat(things.find("adam")).isSameAs(adam);
        assertThat(things.find("Adam")).isNull();
        Problem problem = things.unknown(ProblemCode.INVALID_VALUE, "adm");
        assertThat(problem.code()).isEqualTo(ProblemCode.INVALID_VALUE);
        assertThat(problem.message()).isEqualTo("there is no optimizer 'adm'");
        assertThat(problem.expected()).isEqualTo("one of [sgd, adam]");
        assertThat(problem.actual()).isEqualTo("adm");
        assertThat(problem.hint()).isEqualTo("did you mean 'adam'?");
        assertThatThrownBy(() -> new Catalogue<>("optimizer", List.of(sgd, new Thing("sgd"))))
                .hasMessage("two of the kind optimizer are called sgd");
    }

    @Test
    void a_definition_of_what_is_made_from_options_has_an_example_only_if_one_is_given() {
        Attribute lr = Attribute.number("lr", 0.1, "the step");
        Definition<Double> definition = new Definition<>("sgd", "goes down", "w - lr g", "Cauchy 1847", List.of(lr),
                attributes -> attributes.number("lr"));
        assertThat(definition.example()).isEmpty();
        assertThat(definition.factory().apply(new Attributes("sgd", Wording.OPTION, definition.options(), Map.of("lr", 3)))).isEqualTo(3.0);
        assertThat(definition.options()).containsExactly(lr);
    }
}
