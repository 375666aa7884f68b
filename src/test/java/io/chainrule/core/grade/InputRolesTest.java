package io.chainrule.core.grade;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the random inputs keep of the given ones, and what they do not. */
class InputRolesTest {
    private static final String REMARK = " because ";

    private static Map<String, Tensor> inputs(String text) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (String input : text.split(" ", -1)) {
            inputs.put(input.substring(0, input.indexOf('=')),
                    Program.parse(input.substring(input.indexOf('=') + 1)).value().compile(Shapes.ofValues(Map.of())).call(Map.of())
                            .value());
        }
        return inputs;
    }

    private static List<Grade.Mark> marks(String lines, String inputs) {
        return Marks.of(lines.replace("; ", "\n"), inputs(inputs)).lines().stream()
                .filter(mark -> mark.verdict() != Verdict.NOT_A_CLAIM).toList();
    }

    /** Verdicts by line. */
    private static String verdicts(List<Grade.Mark> marks) {
        return marks.stream().map(mark -> mark.name() + " " + mark.verdict().code()).collect(Collectors.joining(", "));
    }

    /** A value of 1, 0 or −1, and entries that add up to 1, tell nothing of an input that is differentiated by. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    f=x*y^3; dx=y; dy=3*x*y^2 | x=2 y=1 | dx wrong, dy right
                    f=x*y^3; dx=y; dy=3*x*y | x=2 y=1 | dx wrong, dy wrong
                    f=x*y^3; dx=y; dy=3*x | x=2 y=-1 | dx wrong, dy wrong
                    f=sum(x*y^3); dx=y; dy=3*x*y | x=[2,3] y=[1,0] | dx wrong, dy wrong
                    s=a*t^2/2+v*t; ds=1; dt=a*t+v; da=t/2; dv=t | a=3 v=2 t=1 | ds right, dt right, da wrong, dv right
                    s=a*t^2/2+v*t; ds=1; dt=a*t*t+v; da=t/2; dv=t | a=3 v=2 t=1 | ds right, dt wrong, da wrong, dv right
                    f=dot(w,x)/sum(w); dx=w; dw=x-f | w=[0.2,0.3,0.5] x=[3,4,5] | dx wrong, dw wrong
                    f=sum(x^2); dx=2*x*sum(x) | x=[0.2,0.3,0.5] | dx wrong
                    n=norm(q); u=q/n; f=sum(u*c); du=c; dq=du-u*dot(u,du) | q=[1,0] c=[2,3] | du right, dq wrong
                    f=sum((a+b)^2); db=2*(a+b*b) | a=[2,3] b=[0,1] | db wrong
                    f=sum(v^3); dv=3*v | v=[1,0] | dv wrong
            """)
    void anInputThatIsDifferentiatedByIsAnyNumbers(String lines, String inputs, String verdicts) {
        assertThat(verdicts(marks(lines, inputs))).isEqualTo(verdicts);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    f=sum(relu6(x)); dx=(x>0) | x=[2,-1]
                    f=sum(relu6(x)^2); dx=2*relu(x) | x=[2,-1]
                    f=sum(hard_swish(x)); dx=(2*x+3)/6 | x=[2,-1]
                    f=sum(hard_sigmoid(x)); dx=[1/6,1/6] | x=[2,-1]
                    f=sum(clip(x*w,-5,5)); dx=w; dw=x | x=[1,2] w=[0.5,-1]
                    f=sum(where(abs(x)<5,0.5*x^2,5*(abs(x)-2.5))); dx=x | x=[1,2]
                    f=huber_loss(x,t,delta=5)*2; dx=x-t | x=[1,2] t=[0.4,1]
                    f=where(x>100,x^2,-x); dx=-1 | x=2
                    f=where(x>100,x^2,-x); dx=-1 | x=-3
                    f=sum(where(x>100,x^2,-x)); dx=-1 | x=[2,3]
                    f=sum(relu6(W@x)); dx=W.T@(W@x>0) | x=[2,-1] W=[[1,2],[0.5,-1]]
                    f=x^2; dx=where(x<50,2*x,0) | x=1
                    f=sum(relu(x-30)); dx=0*x | x=[1,2,3]
            """)
    void boundsAreCrossedHoweverFarTheyAre(String lines, String inputs) {
        assertThat(verdicts(marks(lines, inputs))).contains(" wrong").doesNotContain(" right");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    p=clip(sigmoid(z),1e-7,1-1e-7); f=-(y*log(p)+(1-y)*log(1-p)); dz=p-y | z=1.5 y=1
                    p=clip(sigmoid(z),1e-12,1-1e-12); f=-sum(y*log(p)+(1-y)*log(1-p)); dz=p-y | z=[1.5,3] y=[1,0]
                    p=np.maximum(softmax(z),1e-12); f=-sum(y*log(p)); dz=p-y | z=[1.5,3,2] y=[1,0,0]
            """)
    void guardsOfADomainAreNotCrossed(String lines, String inputs) {
        assertThat(verdicts(marks(lines, inputs))).isEqualTo("dz right");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                            p=softmax(z); L=-log(p[k]); dz=p-[0,0,1] | z=[1,2,3] k=2 | dz wrong
                            p=softmax(z); L=-log(p[k]); dz=p-one_hot(k,3) | z=[1,2,3] k=2 | dz right
                            p=softmax(z,axis=1); L=-sum(log(p[range(2),k])); dz=p-[[0,1,0],[0,1,0]] | z=[[1,2,3],[0,1,-1]] k=[1,1] | dz wrong
                            p=softmax(z,axis=1); L=-sum(log(p[range(2),k])); dz=p-one_hot(k,3) | z=[[1,2,3],[0,1,-1]] k=[1,1] | dz right
                            p=softmax(z,axis=1); L=-sum(log(take_along_axis(p,k,axis=1))); dz=p-[[0,1,0],[0,1,0]] | z=[[1,2,3],[0,1,-1]] k=[[1],[1]] | dz wrong
                            f=x[i]*w; dw=x[i] | x=[1,2,3] i=1 w=2 | dw right
                    """)
    void anIndexIsAnyInItsRange(String lines, String inputs, String verdict) {
        assertThat(verdicts(marks(lines, inputs))).isEqualTo(verdict);
    }

    /** Where a line is right for what the inputs are, and would be wrong for other numbers, its text says so. */
    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                            f=dot(w,x)/sum(w); dx=w | w=[0.2,0.3,0.5] x=[3,4,5] | the rows of w add up
                            f=mean((p-t)^2); dp=2*(p-t)/N | p=[0.5,1.5,2] t=[1,2,2.5] N=3 | N is the number of entries
                            p=softmax(z,axis=1); f=-sum(y*log(p))/2; dz=(p-y)/N | z=[[1,2,3],[0,1,-1]] y=[[1,0,0],[0,0,1]] N=2 | N is the number of entries
                            mu=sum(x)/N; f=sum((x-mu)^2)/N; dx=2*(x-mu)/N | x=[1,2,5] N=3 | N is the number of entries
                            mu=mean(x,axis=0); v=mean((x-mu)^2,axis=0); s=1/sqrt(v+1e-5); h=(x-mu)*s; f=sum(h*g); dx=s/N*(N*g-sum(g,axis=0)-h*sum(g*h,axis=0)) | x=[[1,2],[3,5],[0,1],[2,-2]] g=[[1,-2],[0.3,0.5],[0.2,1],[-2,-2]] N=4 | N is the number of entries
                            h=x*M; f=sum(h*c); dx=where(M,c,0) | x=[1,2,3] M=[1,0,1] c=[2,-1,1] | M holds labels
                            h=x*M; f=sum(h*h); dx=2*h*(M>0) | x=[1,2,3] M=[1,0,1] | M holds labels
                            h=x*M; f=sum(h*h); dx=2*h | x=[1,2,3] M=[1,0,1] | M holds labels
                            h=x*M; f=sum(h*h); dx=2*h*(M>0) | x=[1,2,3] M=[1,1,1] | M holds labels
                            p=sigmoid(z); f=-sum(ys*log(p)+(1-ys)*log(1-p)); dz=where(ys==1,p-1,p) | z=[1,-2,3] ys=[1,0,1] | ys holds labels
                            p=sigmoid(z); f=-sum(gt*log(p)+(1-gt)*log(1-p)); dz=where(gt==1,p-1,p) | z=[1,-2,3] gt=[1,0,0] | gt holds labels
                            p=sigmoid(z); f=-(y1*log(p)+(1-y1)*log(1-p)); dz=where(y1==1,p-1,p) | z=1 y1=1 | y1 holds labels
                            p=sigmoid(z); f=-sum(y_batch*log(p)+(1-y_batch)*log(1-p)); dz=where(y_batch==1,p-1,p) | z=[1,-2] y_batch=[1,1] | y_batch holds labels
                            f=sum((1-y*s)^2); ds=-2*(y-s) | y=[1,-1,-1] s=[0.5,2,3] | y holds labels
                            y=where(x>0,x,a*x); f=sum(y*y); dy=2*y; dx=dy*where(y>0,1,a) | x=[1,-2,3] a=0.1 | a has the sign
                            y=prelu(x,a); f=sum(y*y); dy=2*y; dx=dy*where(y>0,1,a) | x=[1,-2,3] a=0.1 | a has the sign
                            y=where(x>0,x,a*(exp(x)-1)); f=sum(y*y); dy=2*y; dx=dy*where(y>0,1,y+a) | x=[1,-2,3] a=1.5 | a has the sign
                            f=sum(where(abs(r)<=d,0.5*r^2,d*(abs(r)-0.5*d))); dr=clip(r,-d,d) | r=[1,-2,3] d=1.5 | d has the sign
                            f=sum(where(abs(r)<=d,0.5*r^2,d*(abs(r)-0.5*d))); dr=minimum(maximum(r,-d),d) | r=[1,-2,3] d=1.5 | d has the sign
                            f=0.5*x@A@x-b@x; dx=A@x-b | A=[[2,1],[1,3]] x=[1,2] b=[0.5,-1] | A is symmetric
                            d=x-m; f=-0.5*d@inv(S)@d; dx=-inv(S)@d | S=[[2,1],[1,3]] x=[1,2] m=[0.5,-1] | S is symmetric
                            f=log(det(S)); dS=inv(S) | S=[[2,1],[1,3]] | S is symmetric
                            f=2*sum(log(diag(cholesky(S)))); dS=inv(S) | S=[[2,1],[1,3]] | S is symmetric
                            d=x-m; f=-0.5*d@inv(S)@d-0.5*log(det(S)); a=inv(S)@d; dx=-a; dS=0.5*outer(a,a)-0.5*inv(S) | S=[[2,1],[1,3]] x=[1,2] m=[0.5,-1] | S is symmetric
                            f=0.5*y@inv(K)@y+0.5*log(det(K)); a=inv(K)@y; dK=0.5*(inv(K)-outer(a,a)) | K=[[2,1],[1,3]] y=[1,2] | K is symmetric
                            f=w*sqrt(x^2); dw=x | w=1 x=3 | x has the sign
                    """)
    void whatALineUsesOfAnInputIsSaid(String lines, String inputs, String told) {
        List<Grade.Mark> marks = marks(lines, inputs);
        assertThat(marks).allMatch(mark -> mark.verdict() == Verdict.RIGHT);
        assertThat(marks.getLast().text()).contains(REMARK + told);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    p=softmax(z,axis=1); f=-sum(y*log(p))/N; dz=(p-y)/N | z=[[1,2,3],[0,1,-1]] y=[[1,0,0],[0,0,1]] N=2
                    h=x*M; f=sum(h*h); dx=2*h*M | x=[1,2,3] M=[1,0,1]
                    p=sigmoid(z); f=-sum(keep*log(p)+(1-keep)*log(1-p)); dz=p-keep | z=[1,-2] keep=[1,1]
                    P=softmax(Z,axis=0); f=-sum(Y*log(P)); dZ=P-Y | Z=[[1,2,3,4],[0,1,-1,0.5]] Y=[[1,0,0,1],[0,1,1,0]]
                    y=maximum(x,a*x); f=sum(y*y); dy=2*y; dx=dy*where(x>0,1,a) | x=[1,-2,3] a=0.1
                    f=0.5*x@A@x-b@x; dx=0.5*(A+A.T)@x-b | A=[[2,1],[1,3]] x=[1,2] b=[0.5,-1]
                    f=log(det(S)); dS=inv(S).T | S=[[2,1],[1,3]]
                    f=w*relu(x); dw=relu(x) | w=1 x=3
            """)
    void whatEveryNumberWouldDoIsNoRemark(String lines, String inputs) {
        assertThat(marks(lines, inputs)).allSatisfy(mark -> {
            assertThat(mark.verdict()).isEqualTo(Verdict.RIGHT);
            assertThat(mark.text()).doesNotContain(REMARK);
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    f=mean((p-t)^2); dp=2*(p-t)/2 | p=[0.5,1.5,2] t=[1,2,2.5] | dp wrong
                    f=sum(c*x^2); dx=4*x | x=[1,2] c=2 | dx wrong
                    f=sum(x^2)/c; dx=x | x=[1,2] c=2 | dx wrong
                    f=relu(1-y*s); ds=-y | y=1 s=0.2 | ds wrong
                    f=-(y*log(p)+(1-y)*log(1-p)); dp=-1/p | y=1 p=0.3 | dp wrong
                    f=relu(x)*y; dx=y*(x>0); dy=x | x=2 y=3 | dx right, dy wrong
                    f=w*abs(w*x); dw=w*x*2 | x=2 w=3 | dw wrong
                    f=0.5*x@A@x-b@x; dx=A@x-b | A=[[2,1],[1.5,3]] x=[1,2] b=[0.5,-1] | dx wrong
                    f=log(det(S)); dS=S | S=[[1,0],[0,1]] | dS wrong
                    q=W@x; f=sum(q^2); dq=2*q; dx=W@dq; dW=outer(x,dq) | W=[[2,1],[1,3]] x=[1,2] | dq right, dx wrong, dW wrong
                    q=W@x; f=sum(q^2); dq=2*q; dx=W@dq; dW=outer(dq,x) | W=[[2,1],[1,3]] x=[1,2] | dq right, dx wrong, dW right
                    z=x*w; h=relu(z); f=(h-t)^2; dz=2*(h-t) | x=1 w=2 t=1 | dz wrong
                    f=w*abs(x); dw=x | w=1 x=3 | dw wrong
                    f=w*relu(x); dw=x | w=1 x=3 | dw wrong
            """)
    void aNumberIsNoSizeASignNoRuleAndAMatrixNotSymmetricByAccident(String lines, String inputs, String verdicts) {
        assertThat(verdicts(marks(lines, inputs))).isEqualTo(verdicts);
    }
}
