package io.chainrule.core.grade;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Guesses at what is wrong with a line: they stop no marking, and they are named as a person would name the mistake. */
class GuessesTest {
    private static final Map<String, Tensor> INPUTS = Map.ofEntries(Map.entry("E", Tensor.vector(1, 2, 3, 4)),
            Map.entry("ix", Tensor.vector(1, 3)), Map.entry("v", Tensor.vector(0.5, -1.3)), Map.entry("u", Tensor.vector(0.3, 1, -2)),
            Map.entry("t", Tensor.vector(0, 1, 0)),
            Map.entry("X", matrix(8, 5)), Map.entry("W", matrix(5, 4)), Map.entry("V", matrix(3, 2)), Map.entry("S", matrix(2, 2)),
            Map.entry("x", Tensor.scalar(0.5)), Map.entry("y", Tensor.scalar(3)));

    private static Tensor matrix(int rows, int columns) {
        Random random = new Random(rows * 31 + columns);
        Tensor drawn = Tensor.zeros(Shape.of(rows, columns));
        for (int i = 0; i < drawn.length(); i++) {
            drawn.data()[i] = random.nextGaussian();
        }
        return drawn;
    }

    private static Grade grade(String lines, BuildLimits limits) {
        Map<String, Tensor> inputs = new LinkedHashMap<>(INPUTS);
        inputs.keySet().removeIf(name -> !lines.matches(".*\\b" + name + "\\b.*"));
        return Marks.within(limits, lines.replace("; ", "\n"), inputs);
    }

    private static String verdicts(Grade grade) {
        return grade.lines().stream()
                .map(mark -> mark.name() + " " + mark.verdict().code() + (mark.mistake() == null ? "" : " (" + mark.mistake().code() + ")"))
                .collect(Collectors.joining(", "));
    }

    private static String verdicts(String lines) {
        return verdicts(grade(lines, BuildLimits.GENEROUS));
    }

    /** Elements that are assigned are read with a longer index than there are elements. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            h=E[ix]; f=sum(h^2); dE=zeros_like(E); dE[ix]+=3*h                                   | dE wrong
            h=E[ix]; f=sum(h^2); dE=zeros_like(E); dE[ix]=3*h                                    | dE wrong
            h=X[ix]; f=sum(h^2); dX=zeros_like(X); dX[ix]+=3*h                                   | dX wrong
            h=X[ix,0]; f=sum(h^2); dX=zeros_like(X); dX[ix,0]=3*h                                | dX wrong
            b=zeros([4]); b[ix]=v; f=sum(b^2); db=2*b; dv=3*db[ix]                               | db right, dv wrong
            h=E[1:3]; f=sum(h^2); dE=take(2*h,[0,0,0,1],axis=0)*[0,1,1,0]                        | dE wrong
            """)
    void aGuessThatCannotBeComputedStopsNothing(String lines, String verdicts) {
        assertThat(verdicts(lines)).startsWith(verdicts);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            dW=X@dz   | dW = X.T @ dz
            dW=dz@X   | dW = X.T @ dz
            dW=X.T*dz | dW = X.T @ dz
            """)
    void aGuessThatIsTooLargeStopsNothing(String line, String told) {
        BuildLimits all = BuildLimits.GENEROUS;
        // The product of all pairs has 8 · 5 · 8 · 4 entries.
        BuildLimits limits = new BuildLimits(all.nodes(), all.nesting(), all.derivedNodes(), 1000, all.jacobianEntries(), all.flops(),
                all.bytes(), all.growth(), all.checkpoint());
        Grade grade = grade("z=X@W; L=sum(z^2); dz=2*z; " + line, limits);
        assertThat(verdicts(grade)).startsWith("dz right, dW wrong");
        assertThat(grade.lines().getLast().text()).contains(told);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            x*y; dx=y; dy=x         | dx right, dy right
            x*y; dx=y; dy=y         | dx right, dy wrong (swapped-operands)
            q=x+y; q*x; dq=x; dx=dq+q | dq right, dx right
            f=x*y; f; dx=y; dx      | dx right
            """)
    void aLineWithoutANameIsTheOutputWhereItIsTheLastOfTheForwardPass(String lines, String verdicts) {
        assertThat(verdicts(lines)).isEqualTo(verdicts);
    }

    /** The wrong line has another shape, with which the next one can be computed or not. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            z=V@S+v; L=sum(z^2); dz=sum(2*z,axis=0); dS=V.T@dz; dv=sum(dz,axis=0) | dz wrong (extra-sum), dS follows, dv follows
            q=V@v; f=sum(q*q); dq=2*V; dV=outer(dq,v); dv=V.T@dq | dq wrong (wrong-shape), dV follows, dv follows
            q=V@v; f=sum(q*q); dq=2*V; r=outer(dq,v); dV=1*r     | dq wrong (wrong-shape), r not-a-claim, dV follows
            q=V@v; f=sum(q*q); dq=v; dV=outer(dq,v); dv=V.T@dq   | dq wrong (wrong-shape), dV follows, dv follows
            q=V@v; f=sum(q*q); dq=2; dV=outer(dq,v); dv=V.T@dq   | dq wrong (missing-factor), dV follows, dv follows
            q=V@v; f=sum(q*q); dq=2; dv=V@dq                     | dq wrong (missing-factor), dv wrong (wrong-shape)
            q=V@v; f=sum(q*q); dq=2; dv=3*V.T@dq                 | dq wrong (missing-factor), dv wrong (wrong-shape)
            q=V@v; f=sum(q); dq=1; dv=V.T@dq                     | dq right, dv wrong (wrong-shape)
            """)
    void aLineBehindOneOfAWrongShapeFollowsIfItIsRight(String lines, String verdicts) {
        assertThat(verdicts(lines)).isEqualTo(verdicts);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            p=softmax(u); f=-log(p[1]); du=p*(1-p)*[0,-1,0]/p          | diagonal-jacobian | Each entry of p
            p=softmax(u); f=-sum(t*log(p)); dp=-t/p; du=dp*p*(1-p)     | diagonal-jacobian | Each entry of p
            p=softmax(u); f=-sum(t*log(p)); du=p                       | missing-term      | A term is missing: -t.
            f=sum(u^2)/2+sum(u*t)/3; du=t/3                            | missing-path      | u^2
            f=x/y; dx=1/y; dy=-x/y                                     | missing-factor    | A factor is missing: 1 / y.
            f=x*y+x; dx=y                                              | missing-path      | on the way x → f
            f=x*y+x; dx=1                                              | missing-path      | from x * y
            f=sum(leaky_relu(u)); du=where(u>0,1,0.1)                  | wrong-constant    | 0.1 should be 0.01
            f=sin(x)*y; dx=sin(x)*y                                    | wrong-operation   | operation sin
            s=sin(x); f=s*y; ds=y; dx=ds*s                             | wrong-operation   | operation sin
            f=(y*x)^2+1e-10*y^2; dy=2*y*x*x                            | missing-path      | from y^2
            f=x*x; dx=x                                                | missing-constant-factor | missing: 2;
            q=x*x; f=sin(q); dq=cos(q); dx=dq*x                        | missing-constant-factor | missing: 2;
            f=x*sum(u*u); du=x*u                                       | missing-constant-factor | missing: 2;
            f=x*dot(u,u); du=x*u                                       | missing-constant-factor | missing: 2;
            r=x*y-1.2; f=mean(where(abs(r)<=1,0.5*r^2,abs(r)-0.5)); dr=r | fixed-branch    | where chooses anew
            f=where(abs(x)<3,x*x,9); dx=2*x                            | fixed-branch      | f chooses anew
            s=var(E); f=s*s; ds=2*s; dE=ds*2*(E-mean(E))/4             | unbiased-variance | correction=0
            s=var(E); f=s*s; ds=2*s; n=4; dE=ds*2*(E-mean(E))/n        | unbiased-variance | correction=0
            z=u*y; h=relu(z); f=sum(h^2); dh=2*h+1; dz=(2*h+1)*(z<=0)  | wrong-branch      | h passes
            f=(y*x)^2-1e-3*y^2; dy=2*y*x*x+2e-3*y                      | sign              | sign
            """)
    void mistakesAreNamedAsAPersonWould(String lines, String mistake, String told) {
        Grade.Mark mark = grade(lines, BuildLimits.GENEROUS).lines().getLast();
        assertThat(mark.verdict()).isEqualTo(Verdict.WRONG);
        assertThat(String.valueOf(mark.mistake() == null ? null : mark.mistake().code())).isEqualTo(mistake);
        assertThat(mark.text()).contains(told);
    }

    /** The op that chooses is inside of one that the user wrote. */
    @ParameterizedTest
    @CsvSource({"smooth_l1_loss", "huber_loss"})
    void aChoiceIsThatOfAnOpOfTheProgram(String loss) {
        Grade grade = Marks.of("f = 3 * " + loss + "(p, t)\ndp = 3 * (p - t) / 2",
                Map.of("p", Tensor.vector(1.3, 1), "t", Tensor.vector(0.5, 1.1)));
        assertThat(verdicts(grade)).isEqualTo("dp wrong (fixed-branch)");
        assertThat(grade.lines().getFirst().text()).contains(loss + " chooses anew");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    z=x*y; p=sigmoid(z); L=-(t[1]*log(p)+(1-t[1])*log(1-p)); m=t[1]; dz=p+1 | p - m
                    z=u*y; p=sigmoid(z); L=-sum(t*log(p)+(1-t)*log(1-p)); dz=p+t         | p - t
                    z=1/(1+exp(-x)); f=z*x*y; dz=x*y; dx=dz*z                            | z * dz * (1 - z) + z * y
                    z=u*y; h=tanh(z); f=sum(h^2); dh=2*h; dz=dh*(1-z^2)                  | dh * (1 - h^2)
                    f=abs(x); dx=-sign(x)                                                | sign(x)
                    z=V@v; h=relu(z); f=sum(h^2); dh=2*h; dz=3*dh*(z>0)                  | dh * (z > 0)
                    z=V@v; h=relu(z); f=sum(h^2); dh=2*h; dh_relu=dh*(z>0); dz=3*dh_relu | dh_relu
                    q=x+1/(1+exp(-y)); s=1/(1+exp(-x)); r=x+y; d=s+r^2; f=q/d; dq=1/d; dd=-q/d^2; ds=dd; dr=2*r*dd; dx=ds*s*(1-s) | dq + s * ds * (1 - s) + dr
                    """)
    void whatALineShouldSayIsShort(String lines, String expected) {
        Grade.Mark mark = grade(lines, BuildLimits.GENEROUS).lines().getLast();
        assertThat(mark.verdict()).isEqualTo(Verdict.WRONG);
        assertThat(mark.expectedExpression()).isEqualTo(expected);
    }
}
