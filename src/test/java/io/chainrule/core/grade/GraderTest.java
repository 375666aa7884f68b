package io.chainrule.core.grade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.Runner;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How lines of a backward pass are marked. */
class GraderTest {
    private static final String PRODUCT = "q = x + y\nf = q * z\n";
    private static final Map<String, Tensor> MATRIX = Map.of("W", Tensor.matrix(new double[]{0.1, 0.5, 2}, new double[]{-0.3, 0.8, 1}), "x",
            Tensor.vector(0.2, 0.4, -1));
    private static final Map<String, Tensor> LECTURE = scalars("x=-2 y=5 z=-4");

    private static Map<String, Tensor> scalars(String values) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        Arrays.stream(values.split(" ", -1)).map(value -> value.split("=", -1))
                .forEach(value -> inputs.put(value[0], Tensor.scalar(Double.parseDouble(value[1]))));
        return inputs;
    }

    /** Verdicts by line, with mistakes in brackets. */
    private static String verdicts(Grade grade) {
        return grade.lines().stream()
                .map(mark -> mark.name() + " " + mark.verdict().code() + (mark.mistake() == null ? "" : " (" + mark.mistake().code() + ")"))
                .collect(Collectors.joining(", "));
    }

    private static String verdicts(String lines, Map<String, Tensor> inputs) {
        return verdicts(Marks.of(lines, inputs));
    }

    @Test
    void theLecturesFirstCircuitIsRight() {
        Grade grade = Marks.of(PRODUCT + "dfdz = q\ndfdq = z\ndfdx = 1.0 * dfdq\ndfdy = 1.0 * dfdq", LECTURE);
        assertThat(grade.passed()).isTrue();
        assertThat(grade.output()).isEqualTo("f");
        assertThat(grade.firstWrong()).isNull();
        assertThat(Marks.line(grade, "dfdx").claimed()).isEqualTo(Tensor.scalar(-4));
    }

    @Test
    void linesAfterAnErrorFollowItEvenWhereTheyOnlyCopyTheClaim() {
        Grade grade = Marks.of(PRODUCT + "dfdz = q\ndfdq = x\ndfdx = dfdq\ndfdy = 1.0 * dfdq", LECTURE);
        assertThat(verdicts(grade)).isEqualTo("dfdz right, dfdq wrong (wrong-value), dfdx follows, dfdy follows");
        assertThat(grade.firstWrong()).isEqualTo("dfdq");
        assertThat(Marks.line(grade, "dfdq").expectedExpression()).isEqualTo("z");
        assertThat(Marks.line(grade, "dfdx").expected()).isEqualTo(Tensor.scalar(-4));
        assertThat(grade.passed()).isFalse();
    }

    @Test
    void aRightNumberByAccidentIsWrong() {
        Grade grade = Marks.of("f = x * x\ndx = x + 2", scalars("x=2"));
        assertThat(verdicts(grade)).startsWith("dx wrong");
        assertThat(Marks.line(grade, "dx").claimed()).isEqualTo(Marks.line(grade, "dx").expected());
        assertThat(Marks.line(grade, "dx").text()).contains("at these inputs, but not at others");
    }

    /** The wrong line is 1 everywhere, which would be right if the output were the node whose gradient it claims. */
    @Test
    void aLineThatReadsTheNodeItDifferentiatesByDoesNotMakeThatNodeTheOutput() {
        Grade grade = Marks.of("dot = w * x + b\nf = 1 / (1 + exp(-dot))\nddot = (1 - f) + f\ndw = ddot * x\ndx = ddot * w\ndb = ddot",
                scalars("w=2 x=-1 b=-3"));
        assertThat(grade.output()).isEqualTo("f");
        assertThat(verdicts(grade)).startsWith("ddot wrong").endsWith("dw follows, dx follows, db follows");
    }

    /** The wrong lines would be right, or all but the last, if another line were the output. */
    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    dot=w*x+b; f=1/(1+exp(-dot)); ddot=1; dw=x*ddot+0*f; dx=w*ddot               | f | ddot wrong (other), dw follows, dx follows
                    dot=w*x+b; f=1/(1+exp(-dot)); ddot=1; dw=x*ddot; dx=w*ddot; db=f*(1-f)       | f | ddot wrong (other), dw follows, dx follows, db right
                    dot=w*x+b; f=1/(1+exp(-dot)); g=f*(1-f); ddot=1; dw=x*ddot; dx=w*ddot; db=g  | f | g not-a-claim, ddot wrong (other), dw follows, dx follows, db right
                    z=w*x; h=sigmoid(z); L=(h-b)^2; dh=1; dz=dh*h*(1-h); dw=dz*x; db=-2*(h-b)+L-L | L | dh wrong (missing-factor), dz follows, dw follows, db right
                    r=x*x; q=x*w; f=q*b; dx=2*x                                                   | f | r not-a-claim, dx wrong (other)
                    n=2; f=x*w+b; dx=0*w                                                          | f | n not-a-claim, dx wrong (extra-factor)
                    """)
    void aLineBehindAnotherIsTheOutputWhereNoClaimNeedsIt(String lines, String output, String verdicts) {
        Map<String, Tensor> inputs = new LinkedHashMap<>(scalars("w=2 x=-1 b=-3"));
        Grade grade = Marks.of(lines.replace("; ", "\n"), inputs);
        assertThat(grade.output()).isEqualTo(output);
        assertThat(verdicts(grade)).isEqualTo(verdicts);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            q=W@x; f=q^2; n=sum(W); dW=ones_like(W)     | 'f'
            reg=sum(W*W); q=W@x; f=q^2; dq=2*q; dW=2*W  | 'f'
            s=sum(x); q=W@x; dx=ones_like(x)            | 'q'
            n=2; q=W@x; f=q^2/n; dW=zeros_like(W)       | 'f'
            """)
    void aForwardPassThatEndsInNoScalarIsRefusedWhateverScalarsAreAside(String lines, String told) {
        assertThatThrownBy(() -> Marks.of(lines.replace("; ", "\n"), MATRIX)).isInstanceOf(ProblemException.class)
                .hasMessageContaining("a gradient is that of a scalar").hasMessageContaining(told);
    }

    @Test
    void localGradientsAreClaimsOfTheirOwn() {
        assertThat(verdicts(PRODUCT + "dqdx = 1\ndqdy = 2\ndfdq = z\ndfdx = dfdq * dqdx\ndfdy = dfdq * dqdy", LECTURE))
                .isEqualTo("dqdx right, dqdy wrong (extra-factor), dfdq right, dfdx right, dfdy follows");
    }

    @ParameterizedTest
    @CsvSource({"dx, dz", "df_dx, df_dz", "dfdx, dfdz", "grad_x, grad_z", "x_grad, z_grad", "dL_dx, dL_dz"})
    void usualNamesAreRecognised(String first, String second) {
        assertThat(verdicts(PRODUCT + first + " = z\n" + second + " = x", LECTURE))
                .startsWith(first + " right, " + second + " wrong");
    }

    @Test
    void otherNamesAreClaimsWhereTheRequestSaysSo() {
        Grade grade = Marks.of(PRODUCT + "g1 = z\ng2 = q * 2", LECTURE, Map.of("g1", "x", "g2", "z"), Map.of());
        assertThat(verdicts(grade)).isEqualTo("g1 right, g2 wrong (extra-factor)");
    }

    @Test
    void ofSeveralBindingsTheLastIsTheClaimAndHelpersAreNone() {
        Grade grade = Marks.of("s = sigmoid(x)\nf = s * x\npart = 1 - s\nds = x\ndx = ds * s * part\ndx += s", scalars("x=0.5"));
        assertThat(verdicts(grade)).isEqualTo("part not-a-claim, ds right, dx right");
        assertThat(grade.output()).isEqualTo("f");
    }

    @Test
    void aForwardLineThatIsCalledLikeAClaimIsNoneWhereTheOutputDependsOnIt() {
        Grade grade = Marks.of("dx = x - y\nf = dx^2\ng = 2 * dx", scalars("x=3 y=1"), Map.of("g", "x"), Map.of());
        assertThat(verdicts(grade)).contains("g");
    }

    @Test
    void functionsAndLoopsAreReadLikeOtherLines() {
        assertThat(verdicts(
                "slope(s) = s * (1 - s)\nh = x\nfor i in 0:3:\n  h = sigmoid(h)\nf = h\ndx = slope(h) * slope(sigmoid(sigmoid(x))) * slope(sigmoid(x))",
                scalars("x=0.3"))).isEqualTo("dx right");
    }

    @ParameterizedTest
    @CsvSource({"0, right", "1, right", "0.5, right", "1.5, wrong", "-0.1, wrong"})
    void atAKinkEverySubgradientIsRight(double value, String verdict) {
        // 3 times the derivative of relu away from its kink, and any value in its place at the kink.
        String text = "f = 3 * relu(x)\ndx = where(x == 0, " + 3 * value + ", 3 * (x > 0))";
        assertThat(verdicts(text, scalars("x=0"))).startsWith("dx " + verdict);
        Grade quiz = Marks.of("f = 3 * relu(x)", scalars("x=0"), Map.of(), Map.of("x", Tensor.scalar(3 * value)));
        assertThat(verdicts(quiz)).isEqualTo("x " + verdict);
    }

    @Test
    void tiesOfAMaximumMaySplitTheGradientInAnyWay() {
        String text = "m = maximum(x, y)\nf = m * z\ndm = z\ndx = dm * (x >= y)\ndy = dm - dx";
        assertThat(verdicts(text, scalars("x=3 y=3 z=2"))).isEqualTo("dm right, dx right, dy right");
        assertThat(verdicts("f = max(x)\ndx = (x == max(x)) / sum(x == max(x))", Map.of("x", Tensor.vector(1, 4, 4))))
                .isEqualTo("dx right");
        assertThat(verdicts("f = max(x)\ndx = one_hot(argmax(x), 3)", Map.of("x", Tensor.vector(1, 4, 4)))).isEqualTo("dx right");
    }

    @Test
    void randomInputsKeepTheirDomainTheirLabelsAndTheirProbabilities() {
        assertThat(verdicts("f = log(x) + asin(y) + x^0.5\ndx = 1 / x + 0.5 / sqrt(x)\ndy = 1 / sqrt(1 - y^2)", scalars("x=2 y=0.4")))
                .isEqualTo("dx right, dy right");
        // Right only where the target's rows add up to 1.
        assertThat(verdicts("p = softmax(z)\nf = -sum(t * log(p))\ndz = 2 * p - t",
                Map.of("z", Tensor.matrix(new double[]{1, 2}, new double[]{0, 3}), "t", Tensor.matrix(new double[]{0.3, 0.7},
                        new double[]{1, 0}))))
                .startsWith("dz wrong");
        assertThat(verdicts("p = softmax(z)\nf = -sum(t * log(p))\ndz = p - t",
                Map.of("z", Tensor.matrix(new double[]{1, 2}, new double[]{0, 3}), "t", Tensor.matrix(new double[]{0.3, 0.7},
                        new double[]{0.9, 0.1}))))
                .isEqualTo("dz right");
        assertThat(verdicts("f = sum(x[i] * w)\ndw = x[i]",
                Map.of("x", Tensor.vector(1, 2, 3), "i", Tensor.vector(2, 0), "w", Tensor.vector(1, 1))))
                .isEqualTo("dw right");
    }

    @Test
    void anotherOrderOfOperationsIsNoMistakeEvenWhereDigitsAreLost() {
        // 1 − tanh² has no digits left where tanh is near 1, and cosh^-2 has all.
        assertThat(verdicts("f = tanh(x)\ndx = 1 - f^2", scalars("x=18"))).isEqualTo("dx right");
        assertThat(verdicts("f = sum(x)^2\ndx = 2 * sum(x) * ones(3)", Map.of("x", Tensor.vector(1e15, -1e15, 1e-3))))
                .isEqualTo("dx right");
    }

    @Test
    void aClaimThatIsNotFiniteWhereTheGradientIsHasThatMistake() {
        assertThat(verdicts("f = x * y\ndx = f / x", scalars("x=0 y=2"))).isEqualTo("dx wrong (not-finite)");
        Grade grade = Marks.of("f = sqrt(x)\ndx = 1 / (2 * f)", scalars("x=0"));
        assertThat(verdicts(grade)).isEqualTo("dx right");
        assertThat(Marks.line(grade, "dx").text()).contains("not finite");
    }

    @Test
    void aLayersOwnUpstreamGradientMayBeAnInput() {
        Map<String, Tensor> inputs = Map.of("x", Tensor.matrix(new double[]{1, 2}, new double[]{3, 4}), "w",
                Tensor.matrix(new double[]{1, -1}, new double[]{0.5, 2}), "dout", Tensor.matrix(new double[]{1, 0}, new double[]{2, 1}));
        assertThat(verdicts("out = x @ w\ndx = dout @ w.T\ndw = dout @ x", inputs)).isEqualTo("dx right, dw wrong (swapped-operands)");
        assertThat(verdicts("out = tanh(x) + 0 * w\ndx = 1 - tanh(x)^2", inputs)).isEqualTo("dx wrong (missing-factor)");
        assertThat(verdicts("out = relu(x) + 0 * w\ndx = dout\ndx[x <= 0] = 0", inputs)).isEqualTo("dx right");
    }

    @Test
    void answersAreMarkedOneByOneAndTellNothing() {
        Map<String, Tensor> answers = new LinkedHashMap<>(scalars("w0=-0.2 x0=0.39 w1=-0.393 x1=0.59 w2=0.3"));
        Grade grade = Marks.of("f = sigmoid(w0*x0 + w1*x1 + w2)", scalars("w0=2 x0=-1 w1=-3 x1=-2 w2=-3"), Map.of(), answers);
        assertThat(verdicts(grade)).isEqualTo("w0 right, x0 right, w1 right, x1 wrong, w2 wrong");
        assertThat(grade.firstWrong()).isEqualTo("x1");
        assertThat(grade.lines()).allSatisfy(mark -> {
            assertThat(mark.expected()).isNull();
            assertThat(mark.expectedExpression()).isNull();
            assertThat(mark.mistake()).isNull();
            assertThat(mark.text()).doesNotContain("0.5", "0.1");
        });
    }

    @Test
    void theSameRequestIsMarkedTheSame() {
        String text = "q = W @ x\nf = sum(q^2)\ndq = 2 * q\ndW = outer(x, dq)\ndx = W.T @ q";
        Map<String, Tensor> inputs = Map.of("W", Tensor.matrix(new double[]{1, 2}, new double[]{3, 4}), "x", Tensor.vector(1, -1));
        assertThat(Marks.of(text, inputs)).isEqualTo(Marks.of(text, inputs));
        assertThat(verdicts(text, inputs)).isEqualTo("dq right, dW wrong (transposed), dx wrong (missing-constant-factor)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            f=x*y; dx=y; dw=3          | x=1 y=2  | dx right, dw not-a-claim
            f=x*y; d=3; dx=y*1         | x=-2 y=5 | d not-a-claim, dx right
            f=x*y; p=2*x; dx=y; dy=x   | x=3 y=5  | p not-a-claim, dx right, dy right
            f=(x*y)^2; q=x*y; dq=2*q; dx=dq*y; dy=dq*x | x=3 y=5 | q not-a-claim, dq not-a-claim, dx right, dy right
            q=x*y; f=q*z; dq=1; dx=y   | x=3 y=5 z=2 | dq wrong (missing-factor), dx wrong (missing-factor)
            """)
    void linesBehindTheForwardPassThatExplainNoClaimAreNotTheOutput(String lines, String inputs, String verdicts) {
        assertThat(verdicts(lines.replace("; ", "\n"), scalars(inputs))).isEqualTo(verdicts);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            f=relu(x); dx=1                 | x=2
            f=relu(x); dx=1                 | x=0.5
            f=abs(x); dx=1                  | x=3
            f=maximum(x,0); dx=1            | x=5
            f=sqrt(x^2); dx=1               | x=2
            f=leaky_relu(x); dx=1           | x=2
            f=x*abs(x); dx=2*x              | x=3
            f=x^2; dx=2*abs(x)              | x=3
            f=where(x>0,x,2*x); dx=1        | x=1
            f=clip(x,-1,1); dx=1            | x=0.5
            z=x*w; h=relu(z); f=(h-t)^2; dz=2*(h-t) | x=1 w=2 t=1
            f=relu(1-y*s); ds=-y            | y=1 s=0.2
            f=-(y*log(p)+(1-y)*log(1-p)); dp=-1/p | y=1 p=0.3
            f=(x-y)^2; dx=2*x               | x=1 y=0
            """)
    void randomInputsCrossKinksAndChangeLabels(String lines, String inputs) {
        Grade grade = Marks.of(lines.replace("; ", "\n"), scalars(inputs));
        assertThat(grade.passed()).as(verdicts(grade)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"f=sort(x)[0], '[1,0,1]'", "f=median(x), '[0,1,1]'", "f=sum(cummax(x)), '[1,1,2]'", "'f=sum(topk(x,k=2))', '[1,1,1]'",
            "'f=quantile(x,q=0.5)', '[0,1,1]'"})
    void wrongLinesOfOpsThatSortAreMarked(String forward, String claim) {
        assertThat(verdicts(forward + "\ndx=" + claim, Map.of("x", Tensor.vector(1, 2, 3)))).startsWith("dx wrong");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            f=x^3; dx=3*x^2+1e-6       | x=1    | dx wrong (wrong-constant)
            f=sqrt(x); dx=nan          | x=4    | dx wrong (not-finite)
            s=sigmoid(x); L=s^2; ds=2*s; dx=s*(1-s) | x=3 | ds right, dx wrong (missing-factor)
            f=tanh(x); dx=1-x^2        | x=0.1  | dx wrong (input-for-output)
            f=tanh(x); dx=1-x^2        | x=30   | dx wrong (input-for-output)
            f=tanh(w*x); dx=w*(1-(w*x)^2) | x=3 w=2 | dx wrong (input-for-output)
            f=tanh(30*tanh(w*x)); dx=w*30*(1-tanh(w*x)^2)*(1-f^2) | x=40 w=20 | dx right
            """)
    void mistakesAreWhatTheySay(String lines, String inputs, String verdicts) {
        Grade grade = Marks.of(lines.replace("; ", "\n"), scalars(inputs));
        assertThat(verdicts(grade)).isEqualTo(verdicts);
        assertThat(grade.lines()).allSatisfy(mark -> assertThat(mark.text()).doesNotContain("1.0E", "missing: ∂", "missing: L"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            s=sum(X,axis=1,keepdims=True); f=sum(X*s); ds=sum(X,axis=0,keepdims=True) | ds wrong (wrong-axis)
            m=mean(X,1,keepdims=True); f=sum((X-m)^3/3); c=(X-m)^2; dX=c-mean(c,axis=0) | c not-a-claim, dX wrong (wrong-axis)
            p=softmax(X,axis=1); f=-sum(T*log(p)); dX=softmax(X,axis=0)*sum(T,axis=1,keepdims=True)-T | dX wrong (wrong-axis)
            y=X+b; f=sum(y^2); dy=2*y; db=sum(dy,axis=1) | dy right, db wrong (wrong-axis)
            q=S@v; f=sum(q^2); dq=2*q; dv=S.T*dq; dS=dq*v | dq right, dv wrong (wrong-operation), dS wrong (wrong-operation)
            q=S*A; f=sum(q^2); dq=2*q; dS=dq@A | dq right, dS wrong (wrong-operation)
            p=softmax(X); f=-sum(log(p[range(2),i])); dX=p+one_hot(i,num_classes=3) | dX wrong (sign)
            f=max(b)^2; db=-2*max(b)*one_hot(argmax(b),num_classes=3) | db wrong (sign)
            E=exp(X); p=E/sum(E,axis=1,keepdims=True); f=-sum(log(p[range(2),i])); dX=p | dX wrong (missing-path)
            h=where(b>0,b,0.1*b); f=sum(h^2); dh=2*h; db=dh | dh right, db wrong (missing-factor)
            q=X@b; f=sum(q^2); dq=q; db=X.T@q | dq wrong (missing-constant-factor), db wrong (missing-constant-factor)
            y=X+b; f=sum(y^2); dy=2*y; db=sum(dy,axis=0,keepdims=True) | dy right, db wrong (wrong-shape)
            """)
    void axesProductsAndShapesAreNamed(String lines, String verdicts) {
        Map<String, Tensor> inputs = new HashMap<>(Map.of("X", Tensor.matrix(new double[]{0.5, -1.2, 2}, new double[]{1.5, 0.3, -0.7}), "T",
                Tensor.matrix(new double[]{0.5, 1, 2}, new double[]{1, 0.3, 0.2}), "b", Tensor.vector(0.2, 0.1, -0.4), "S",
                Tensor.matrix(new double[]{0.3, 1.1}, new double[]{-0.7, 0.4}), "A",
                Tensor.matrix(new double[]{2, 0.3}, new double[]{1, -1}),
                "v", Tensor.vector(0.5, -1.3), "i", Tensor.vector(0, 2)));
        inputs.keySet().removeIf(name -> !lines.matches(".*\\b" + name + "\\b.*"));
        assertThat(verdicts(lines.replace("; ", "\n"), inputs)).isEqualTo(verdicts);
    }

    /** As in lecture notes, which mask the gradient of a layer in place. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            dh[h <= 0] = 0 | ds right, dh_1 right, dh right, dW right
            dh *= h > 0    | ds right, dh_1 right, dh right, dW right
            dh[h > 0] = 0  | ds right, dh_1 right, dh wrong (wrong-branch), dW follows
            dh[s <= 0] = 0 | ds right, dh_1 right, dh wrong (wrong-shape), dW follows
            """)
    void aNameThatPassesAGateInPlaceIsMarkedOnBothSides(String line, String verdicts) {
        Map<String, Tensor> inputs = Map.of("x", Tensor.matrix(new double[]{0.5, -1.2}, new double[]{1.5, 0.3}), "W",
                Tensor.matrix(new double[]{1, -1, 0.5}, new double[]{-0.5, 2, 1}), "V",
                Tensor.matrix(new double[]{1, -1}, new double[]{0.5, 2}, new double[]{-1, 0.7}), "y", Tensor.vector(1, 0));
        String program = """
                h = np.maximum(0, x @ W)
                s = h @ V
                p = np.exp(s) / np.sum(np.exp(s), axis=1, keepdims=True)
                L = np.mean(-np.log(p[range(2), y]))
                ds = p
                ds[range(2), y] -= 1
                ds /= 2
                dh = ds @ V.T
                """ + line + "\ndW = x.T @ dh";
        assertThat(verdicts(program, inputs)).isEqualTo(verdicts);
    }

    /**
     * Without biases, a sample whose units are all off puts the next layer's units on their kinks, where they have other subgradients than
     * the service's own.
     */
    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    dh%1$d[h%1$d <= 0] = 0                    | dV right, dh3_1 right, dh3 right, dW3 right, dh2_1 right, dh2 right, dW2 right, dh1_1 right, dh1 right, dW1 right
                    dh%1$d = dh%1$d * (h%1$d > 0)             | dV right, dh3_1 right, dh3 right, dW3 right, dh2_1 right, dh2 right, dW2 right, dh1_1 right, dh1 right, dW1 right
                    """)
    void unitsThatAreAtTheirKinksTogetherSpoilNoLayerBeforeThem(String mask, String verdicts) {
        String program = "h1 = np.maximum(0, X @ W1)\nh2 = np.maximum(0, h1 @ W2)\nh3 = np.maximum(0, h2 @ W3)\nL = np.sum((h3 @ V) * G)\n"
                + "dV = h3.T @ G\ndh3 = G @ V.T\n" + mask.formatted(3) + "\ndW3 = h2.T @ dh3\ndh2 = dh3 @ W3.T\n" + mask.formatted(2)
                + "\ndW2 = h1.T @ dh2\ndh1 = dh2 @ W2.T\n" + mask.formatted(1) + "\ndW1 = X.T @ dh1";
        for (int seed = 0; seed < 4; seed++) {
            Random random = new Random(seed);
            Map<String, Tensor> inputs = new LinkedHashMap<>();
            Map.of("X", Shape.of(3, 2), "W1", Shape.of(2, 4), "W2", Shape.of(4, 4), "W3", Shape.of(4, 4), "V", Shape.of(4, 3), "G",
                    Shape.of(3, 3)).forEach((name, shape) -> inputs.put(name, gaussians(random, 1, shape)));
            assertThat(verdicts(program, inputs)).as("seed " + seed).isEqualTo(verdicts);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            f=np.maximum(0,x)*3; mask=x>0; dx=3*mask              | x=0.7      | mask not-a-claim, dx right
            f=np.maximum(0,x)*3; mask=x>0; dx=3*mask              | x=-0.7     | mask not-a-claim, dx right
            f=relu(x); m=1 if x>0 else 0; dx=m                    | x=0.7      | m not-a-claim, dx right
            f=relu(x)*w; m=np.sum(x>0); dx=w*m; dw=relu(x)        | x=0.7 w=2  | m not-a-claim, dx right, dw right
            f=abs(x); s=np.sign(x); dx=s                          | x=0.7      | s not-a-claim, dx right
            f=leaky_relu(x); slope=np.where(x>0,1,0.01); dx=slope | x=-0.7     | slope not-a-claim, dx right
            f=x**2*3; n=2*x; dx=3*n                               | x=0.7      | n not-a-claim, dx right
            f=max(a,b)*c; m=a>b; da=c*m; db=c*(1-m); dc=max(a,b)  | a=1 b=2 c=3 | m not-a-claim, da right, db right, dc right
            """)
    void aMaskOrACountBehindTheProgramIsNotItsOutput(String lines, String inputs, String verdicts) {
        Grade grade = Marks.of(lines.replace("; ", "\n"), scalars(inputs));
        assertThat(grade.output()).isEqualTo("f");
        assertThat(verdicts(grade)).isEqualTo(verdicts);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    p = np.exp(s) / np.sum(np.exp(s)); loss += -np.log(p[y[i]]) / 3 | p = np.exp(s) / np.sum(np.exp(s)); p[y[i]] -= 1; dW += np.outer(X[i], p) / 3
                    loss += (np.sum(np.maximum(0, s - s[y[i]] + 1)) - 1) / 3 | for j in range(3):;   margin = s[j] - s[y[i]] + 1;   on = (margin > 0) * (j != y[i]);   dW[:, j] += on * X[i] / 3;   dW[:, y[i]] -= on * X[i] / 3
                    """)
    void helpersOfLoopsBehindTheLossAreNotTheOutput(String forward, String backward) {
        String program = "loss = 0.0\ndW = np.zeros_like(W)\nfor i in range(3):\n  s = X[i] @ W\n  " + forward.replace("; ", "\n  ")
                + "\nfor i in range(3):\n  s = X[i] @ W\n  " + backward.replace("; ", "\n  ").replace(";", "\n  ");
        Random random = new Random(4);
        Map<String, Tensor> inputs = Map.of("X", gaussians(random, 1, Shape.of(3, 2)), "W", gaussians(random, 1, Shape.of(2, 3)), "y",
                Tensor.vector(2, 0, 1));
        Grade grade = Marks.of(program, inputs);
        assertThat(grade.output()).isEqualTo("loss");
        assertThat(Marks.line(grade, "dW").verdict()).isEqualTo(Verdict.RIGHT);
        assertThat(grade.passed()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"51, 50, wrong", "101, 100, wrong", "1490, 1500, wrong", "51, 51, right", "50.6, 51, right", "2e200, 2e200, right"})
    void wholeAnswersAreRoundedToWholeNumbers(double slope, double answer, String verdict) {
        assertThat(verdicts(Marks.of("f = " + slope + " * x", scalars("x=1"), Map.of(), Map.of("x", Tensor.scalar(answer)))))
                .isEqualTo("x " + verdict);
    }

    @Test
    void whatIsNoClaimIsRefusedWithItsPlace() {
        assertThatThrownBy(() -> Marks.of(PRODUCT + "dx = z", LECTURE, Map.of("dq", "q", "x", "z", "dx", "r"), Map.of()))
                .isInstanceOfSatisfying(ProblemException.class, e -> assertThat(e.problems()).extracting(problem -> problem.code().code())
                        .containsExactlyInAnyOrderElementsOf(List.of("unknown-node", "invalid-value", "unknown-node")));
        assertThatThrownBy(() -> Marks.of("f = x * y", LECTURE)).hasMessageContaining("no line claims to be a derivative");
        assertThatThrownBy(() -> Marks.of("q = x * [1, 2]\ndx = 1", LECTURE)).hasMessageContaining("a gradient is that of a scalar");
        assertThatThrownBy(() -> Marks.of("dx = x", LECTURE)).hasMessageContaining("no output to differentiate");
        assertThatThrownBy(() -> Marks.of("f = x", LECTURE, Map.of(), Map.of("w", Tensor.scalar(1)))).hasMessageContaining("no node 'w'");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            dq=2*q; dW=dq@x; dx=W.T@dq      | dq right, dW wrong (wrong-operation), dx right     | dW = outer(dq, x)
            dq=2*q; dW=outer(dq,x); dx=W@dq | dq right, dW right, dx wrong (transposed)          | dx = W.T @ dq
            dq=2*q; dx=dq*W                 | dq right, dx wrong (wrong-operation)               | dx = dq @ W
            dq=q; dW=dq@x; dx=W.T@dq        | dq wrong (missing-constant-factor), dW wrong (wrong-operation), dx follows | dW = outer(dq, x)
            dq=2*q; dW=dq@x; dW+=0*W; dx=W.T@dq | dq right, dW wrong (wrong-operation), dx right | dW = outer(dq, x)
            dq=2*q; dW=sum(dq,axis=3)       | dq right, dW wrong (wrong-shape)                   | axis 3
            dq=2*q; t=dq@x; dW=t*3; dx=W.T@dq | dq right, dW wrong (wrong-shape), dx right       | dW reads t
            """)
    void aLineWhoseShapesDoNotFitSpoilsNoOther(String lines, String verdicts, String told) {
        Grade grade = Marks.of("q=W@x\nf=sum(q^2)\n" + lines.replace("; ", "\n"), MATRIX);
        assertThat(verdicts(grade)).isEqualTo(verdicts);
        assertThat(grade.lines()).anySatisfy(mark -> assertThat(mark.text()).contains(told));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            dW+=np.outer(dq[i],x[i]); dx[i]+=W@dq[i]           | dW wrong (transposed), dx right        | dW = x.T @ dq
            t=dq[i]@W; dW+=np.outer(x[i],dq[i]); dx[i]+=t      | dW right, dx wrong (wrong-shape)       | dx reads t
            dx[i]=W@x[i]; dW+=np.outer(x[i],dq[i])             | dx wrong (wrong-shape), dW right       | (for i = 0)
            dx[i]=dq[i]@W; dW+=np.outer(x[i],dq[i])            | dx wrong (transposed), dW right        | dx = dq @ W.T
            dx[i]=W@dq[i]; dW[i]+=np.outer(x[i],dq[i])         | dx right, dW wrong (wrong-shape)       | dW = x.T @ dq
            dx[i]=W@dq[i]; for j in range(3):;   dW[j]=x[i]*dq[i] | dx right, dW wrong (wrong-shape)    | dW = x.T @ dq
            """)
    void aLineOfALoopWhoseShapesDoNotFitSpoilsNoOther(String lines, String verdicts, String told) {
        String program = "q = x @ W\nf = sum(q^2)\ndq = 2 * q\ndW = np.zeros_like(W)\ndx = np.zeros_like(x)\nfor i in range(2):\n  "
                + lines.replace("; ", "\n  ").replace(";", "\n  ");
        Grade grade = Marks.of(program, Map.of("x", Tensor.matrix(new double[]{0.1, 0.5}, new double[]{-0.3, 0.8}), "W",
                Tensor.matrix(new double[]{0.2, 0.4, 1}, new double[]{1, 2, -3})));
        assertThat(verdicts(grade).replace("dq right, ", "").split(", ", -1))
                .containsExactlyInAnyOrder(verdicts.split(", ", -1));
        assertThat(grade.lines()).anySatisfy(mark -> assertThat(mark.text()).contains(told));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            dq=2*q; dV=outer(x,dq); dW=dV*2+0*W | dq right, dV wrong (transposed), dW follows
            dq=2*q; dV=dq@x; dW=dV*2+0*W        | dq right, dV wrong (wrong-operation), dW follows
            dq=2*q; dV=dq@x; dW=dV              | dq right, dV wrong (wrong-operation), dW wrong (missing-constant-factor)
            """)
    void linesThatReadALineOfAWrongShapeFollowIfTheyAreRight(String lines, String verdicts) {
        assertThat(verdicts("V=2*W\nq=V@x\nf=sum(q^2)\n" + lines.replace("; ", "\n"), MATRIX)).isEqualTo(verdicts);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            q=x@W; f=sum(q^2); dq=2*q         | matmul
            q=W@x; f=sum(q^2); dq=2*(q; dx=dq | line 3
            q=W@x; f=sum(q^2); dq=2*p         | 'p'
            dx=x-x; q=dx@W; f=sum(q^2); dW=W  | matmul
            """)
    void errorsOfTheForwardPassAndOfTheTextAreRefused(String lines, String told) {
        assertThatThrownBy(() -> Marks.of(lines.replace("; ", "\n"), MATRIX)).isInstanceOf(ProblemException.class)
                .hasMessageContaining(told);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            f=maximum(x,y); dx=0; dy=1      | x=2 y=5 | dx wrong (fixed-branch), dy wrong (fixed-branch)
            f=maximum(x,y); dx=0; dy=1      | x=5 y=2 | dx wrong (wrong-branch), dy wrong (wrong-branch)
            f=3*relu(x); dx=3               | x=2     | dx wrong (fixed-branch)
            f=where(x>0,x,0.1*x); dx=1      | x=2     | dx wrong (fixed-branch)
            f=clip(x,-1,1)*y; dx=0; dy=clip(x,-1,1) | x=3 y=2 | dx wrong (fixed-branch), dy right
            f=abs(x); dx=-1                 | x=-2    | dx wrong (fixed-branch)
            f=where(x>0,x*y,x*z); dx=y; dy=x; dz=0 | x=1 y=2 z=3 | dx wrong (fixed-branch), dy wrong (fixed-branch), dz wrong (fixed-branch)
            """)
    void aChoiceThatIsWrittenDownForTheseInputsOnlyIsNamed(String lines, String inputs, String verdicts) {
        assertThat(verdicts(lines.replace("; ", "\n"), scalars(inputs))).isEqualTo(verdicts);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            f=mean(x^2); dx=2*x                        | dx wrong (missing-constant-factor) | 1/4;
            s=2*x; f=sum((s-1)^2)/4; ds=2*(s-1)/4; dx=ds | ds right, dx wrong (missing-constant-factor) | missing: 2;
            c=x-mean(x); f=sum(c^2); dc=2*c; dm=-sum(dc); dx=dc+dm | dc right, dm not-a-claim, dx right | dx is
            q=x/sqrt(2); f=sum(q^2); dq=2*q; dx=dq     | dq right, dx wrong (missing-constant-factor) | 1/sqrt(2);
            f=sum(3*x+2); dx=1                         | dx wrong (missing-constant-factor) | missing: 3;
            f=sum(3*x+2); dx=6                         | dx wrong (extra-factor) | many: 2.
            f=mean(x^2); dx=2*x/3                      | dx wrong (wrong-constant) | 3 should be 4.
            f=mean(2*x); dx=2                          | dx wrong (missing-constant-factor) | 1/4;
            """)
    void aConstantFactorThatIsMissingIsTold(String lines, String verdicts, String told) {
        Grade grade = Marks.of(lines.replace("; ", "\n"), Map.of("x", Tensor.vector(1, -2, 3, 0.5)));
        assertThat(verdicts(grade)).isEqualTo(verdicts);
        assertThat(grade.lines().getLast().text()).contains(told);
    }

    /** Batch normalisation as of NumPy, whose variances divide by n. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            v=var(x,axis=0)              | dx wrong (unbiased-variance) | correction=0
            v=var(x,axis=0,correction=0) | dx right                     | dx is
            """)
    void aVarianceThatDividesByAnotherNumberIsNamed(String variance, String verdicts, String told) {
        String program = "mu=mean(x,axis=0)\n" + variance + "\ns=1/sqrt(v+1e-5)\nh=(x-mu)*s\nf=sum(h*g)\n"
                + "dx=s/3*(3*g-sum(g,axis=0)-h*sum(g*h,axis=0))";
        Grade grade = Marks.of(program, Map.of("x", Tensor.matrix(new double[]{1, 2}, new double[]{3, 5}, new double[]{0, 1}), "g",
                Tensor.matrix(new double[]{1, -2}, new double[]{0.3, 0.5}, new double[]{0.2, 1})));
        assertThat(verdicts(grade)).isEqualTo(verdicts);
        assertThat(grade.lines().getLast().text()).contains(told);
    }

    /** The other signs of inputs, and what lines use of inputs, are tried of some of many. */
    @ParameterizedTest
    @ValueSource(strings = {"f=where(q*q>-1,q,0)", "f=q"})
    void aProgramOfManyInputsTakesFewRuns(String last) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        IntStream.range(0, 200).forEach(i -> inputs.put("a" + i, Tensor.scalar(1 + i % 3)));
        String program = "s=" + String.join("+", inputs.keySet()) + "\nq=s*w\n" + last + "\ndw=s";
        inputs.put("w", Tensor.scalar(2));
        AtomicInteger runs = new AtomicInteger();
        Runner counting = new Runner() {
            @Override
            public Parallel parallel() {
                return Parallel.NONE;
            }

            @Override
            public <T> T run(CostModel cost, long answerBytes, Supplier<T> work) {
                runs.incrementAndGet();
                return work.get();
            }

            @Override
            public void repeat(CostModel cost, int times, Runnable each) {
                Runner.DIRECT.repeat(cost, times, each);
            }
        };
        Grade grade = new Grader(Marks.bound(program, inputs), Place.setting("expression"), inputs, Language.EN, counting,
                BuildLimits.GENEROUS).grade(Map.of(),
                        Map.of());
        assertThat(verdicts(grade)).isEqualTo("dw right");
        assertThat(runs.get()).isLessThan(15 * inputs.size());
    }

    @Test
    void whatIsRightForLabelsOnlyIsSaid() {
        Map<String, Tensor> inputs = Map.of("x", Tensor.vector(2, -1, 3), "t", Tensor.vector(1, 0, 1));
        Grade grade = Marks.of("f = sum(x * t)\ndx = t * t", inputs);
        assertThat(verdicts(grade)).isEqualTo("dx right");
        assertThat(grade.lines().getFirst().text()).contains("because t holds labels");
        assertThat(Marks.of("f = sum(x * t)\ndx = t", inputs).lines().getFirst().text()).isEqualTo("dx is ∂f/∂x.");
        // That the rows of labels add up to 1 is no remark.
        Map<String, Tensor> rows = Map.of("z", Tensor.matrix(new double[]{1, 2}, new double[]{0, 3}), "y",
                Tensor.matrix(new double[]{0, 1}, new double[]{1, 0}));
        assertThat(Marks.of("p = softmax(z)\nf = -sum(y * log(p))\ndz = p - y", rows).lines().getFirst().text()).isEqualTo("dz is ∂f/∂z.");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            f=sqrt(x); dx=0.5*x^-0.5              | x=0     | dx right
            f=cbrt(x); dx=1/(3*cbrt(x)^2)         | x=0     | dx right
            s=sqrt(x); f=s^2; ds=2*s; dx=1        | x=0     | ds right, dx right
            s=sqrt(x); f=s^2; ds=2*s; dx=ds/(2*s) | x=0     | ds right, dx right
            s=sqrt(x); f=s^2; ds=2*s; dx=2        | x=0     | ds right, dx wrong (extra-factor)
            f=x/z; dx=1/z; dz=-x/z^2              | x=0 z=0 | dx right, dz right
            f=cbrt(x); dx=x^(-2/3)/3              | x=-8    | dx wrong (not-finite)
            f=log(x); dx=1/x                      | x=-2    | dx right
            """)
    void whereADerivativeIsNotFiniteThereIsNothingToCompare(String lines, String inputs, String verdicts) {
        assertThat(verdicts(lines.replace("; ", "\n"), scalars(inputs))).isEqualTo(verdicts);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            s=sigmoid(x); f=s^2; ds=2*s; dx=ds*s              | A factor is missing: 1 - s.
            f=x*y+x; dx=1                                     | what comes back from x * y is missing
            """)
    void textsNameWhatAUserWrote(String lines, String told) {
        assertThat(Marks.of(lines.replace("; ", "\n"), scalars("x=0.5 y=3")).lines().getLast().text()).contains(told);
    }

    @ParameterizedTest
    @EnumSource(Mistake.class)
    void everyMistakeIsToldInBothLanguages(Mistake mistake) {
        Sheet sheet = new Sheet(Marks.pass("f = x\ndx = 1", Map.of("x", Tensor.scalar(1))), BuildLimits.GENEROUS);
        for (List<String> names : List.of(List.<String>of(), List.of("u"), List.of("u", "v"))) {
            boolean isNamed = names.isEmpty() && !Set.of(Mistake.SIGN, Mistake.MISSING_FACTOR, Mistake.EXTRA_FACTOR).contains(mistake);
            List<String> told = isNamed ? List.of("u", "v") : names;
            Recogniser.Finding finding = new Recogniser.Finding(mistake, told, null, sheet);
            assertThat(new Texts(Language.EN).mistake(finding, "x")).matches("[A-Za-z].*[^.]\\.");
            assertThat(new Texts(Language.KO).mistake(finding, "x")).matches(".*[가-힣].*다\\.");
        }
    }

    @Test
    void koreanParticlesFollowNamesAndNumbers() {
        assertThat(Marks.in(Language.KO, PRODUCT + "dfdz = q\ndfdq = x\ndfdx = dfdq", LECTURE).lines()).extracting(Grade.Mark::text)
                .containsExactly("dfdz는 ∂f/∂z이다.",
                        "dfdq는 ∂f/∂q가 아니다. z를 읽어야 할 자리에서 x를 읽었다. 올바른 식은 dfdq = z이다.",
                        "dfdx는 앞선 오류만 아니면 옳다. 올바른 상류 기울기를 쓰면 ∂f/∂x가 된다.");
    }

    /** In long chains the bounds of rounding errors exceed the gradients. */
    @Test
    void aWrongLineOfALongChainIsWrong() {
        int layers = 29;
        int units = 10;
        Random random = new Random(1);
        Map<String, Tensor> inputs = new LinkedHashMap<>(Map.of("x", gaussians(random, 1, Shape.of(units))));
        StringBuilder forward = new StringBuilder("h0 = x\n");
        StringBuilder backward = new StringBuilder("L = sum(h" + layers + "^2)\ndh" + layers + " = 2 * h" + layers + "\n");
        for (int i = 1; i <= layers; i++) {
            inputs.put("W" + i, gaussians(random, 1 / Math.sqrt(units), Shape.of(units, units)));
            forward.append("h%d = tanh(W%d @ h%d)\n".formatted(i, i, i - 1));
            int k = layers + 1 - i;
            backward.append("dh%d = W%d.T @ (dh%d * (1 - h%d**2))\n".formatted(k - 1, k, k, k));
        }
        assertThat(Marks.of(forward.toString() + backward, inputs).passed()).isTrue();
        for (String wrong : List.of("dh28 = 1.5 * ", "dh14 = 1.002 * ", "dh1 = 0.9 * ")) {
            String line = wrong.substring(0, wrong.indexOf('=') + 2);
            Grade grade = Marks.of(forward + backward.toString().replace(line, wrong), inputs);
            assertThat(grade.firstWrong()).as(wrong).isEqualTo(line.substring(0, line.indexOf(' ')));
            assertThat(grade.lines()).filteredOn(mark -> mark.verdict() == Verdict.WRONG).hasSize(1);
        }
    }

    /** The service's own gradient may have lost all of its digits. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            f = exp(x) - exp(x) + y * x | dx = y                                            | x=40 y=3
            f = exp(x) - exp(x) + y * x | dx = y                                            | x=40.3 y=3
            f = sqrt(x^2 + 1) - x       | dx = -1 / (sqrt(x^2 + 1) * (sqrt(x^2 + 1) + x))   | x=1e8
            f = (1 - cos(x)) / x^2      | dx = (x * sin(x) - 2 * (1 - cos(x))) / x^3        | x=1e-5
            """)
    void anExacterLineThanTheServicesOwnIsRight(String forward, String line, String inputs) {
        assertThat(Marks.of(forward + "\n" + line, scalars(inputs)).passed()).isTrue();
    }

    private static Tensor gaussians(Random random, double scale, Shape shape) {
        Tensor drawn = Tensor.zeros(shape);
        Arrays.setAll(drawn.data(), _ -> scale * random.nextGaussian());
        return drawn;
    }
}
