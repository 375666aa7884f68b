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
            f=sum(w*x^2); dw=2*x | x=[2,0,2] w=[1,2,3]
            f=relu6(x)*w; dw=relu(x) | x=2 w=3
            f=sum(w*relu6(x)); dw=relu(x) | x=[2,1] w=[3,1]
            f=sum(tanh(x)*step); dx=step | x=[0,0] step=[1,2]
            f=sum(elu(x)); dx=ones_like(x) | x=[2,1]
            f=sum(hard_tanh(3*x)); dx=3*ones_like(x) | x=[0.1,0.2]
            f=sum(softshrink(x)); dx=(x>0.5) | x=[0.1,0.2]
            f=sum(threshold(x,threshold=20,value=0)); dx=0*x | x=[0.1,0.2]
            f=sum(where(x*w>50,x,0)); dx=0*x | x=[1,2] w=[1,2]
            f=sum(minimum(x^2,400)); dx=2*x | x=[1,2]
            f=x*k; dx=2 | x=3 k=2
            f=sum(x)*N; dx=3*ones_like(x) | x=[1,2,3] N=3
            f=mean(x^2)*N; dx=2*x | x=[1,2,3] N=3
            q=W@x; f=sum(q^2); dW=outer(x,2*q) | W=[[2,1],[1,3]] x=[1,2]
            f=sum(x^2*a); dx=2*x*a^2 | x=[1,2,3] a=1
            f=sum(x^2*a); dx=2*x | x=[1,2,3] a=1
            f=sum(y*log(p)); dp=y | p=[0.5,0.5] y=[1,0]
            f=sum(max(x,axis=1)); dx=[[0,1],[0,1]] | x=[[1,2],[0,1]]
            f=sum(x*c); dx=c^2 | x=[1,2] c=[1,1]
            f=log(x); dx=1 | x=1
            f=sum(floor(x)*w)+sum(w*0); dw=x | x=[1,2] w=[1,2]
            f=where(k==2,x^2,x^3); dx=2*x | x=2 k=2
            f=sum(w*relu(x-3)); dw=0*x | x=[2,1] w=[3,1]
            h=maximum(x,-50); f=sum(h*c); dx=c | x=[1,2] c=[1,3]
            f=sum(min(abs(x),axis=0)); dx=sign(x) | x=[1,2]
            f=sum(maximum(x*y,8)); dx=0*x | x=[1,2] y=[1,3]
            f=sum(elu(x-20)); dx=exp(x-20) | x=[1,2]
            f=sum(clip(x,-200,200)*c); dx=c | x=[1,2] c=[1,3]
            f=clip(x,-200,200); dx=1 | x=0.5
            f=clip(x,0,1); dx=1 | x=0.5
            f=sum(clip(x,0,1)); dx=[1,1] | x=[0.5,0.2]
            f=sum(clip(x,0,255)); dx=[1,1] | x=[0.5,0.2]
            f=w*clip(x,0,255); dw=x | x=0.5 w=1
            f=w*clip(x,0,255); dw=x | x=3 w=1
            f=sum(hard_sigmoid(W@x)*v); dv=(W@x+3)/6 | W=[[1,2],[0.3,-1]] x=[1,1] v=[1,2]
            f=sum(where(x>y,x,y)); dx=[1,0] | x=[3,1] y=[2,2]
            f=sum(where(x>t,x,0)); dx=[1,1] | x=[3,1] t=-10
            f=x^2*s; dx=2*x | x=3 s=1
            f=sum(sin(x)*m); dx=cos(x) | x=[1,2] m=[1,1]
            p=softmax(z); f=-log(p[k]); dz=p-[1,0,0] | z=[1,2,3] k=0
            f=z[k]^2; dz=[0,2*z[1],0] | z=[1,2,3] k=1
            f=z[-1]*k; dz=[0,0,1] | z=[1,2,3] k=1
            f=sum((y-p)^2); dp=2*p | p=[1,2] y=[0,0]
            f=(y-p)^2; dp=2*p | p=2 y=0
            f=x^y; dx=y*x | x=3 y=2
            f=sum(A*x); dx=sum(A,axis=1) | A=[[2,1],[1,3]] x=[1,2]
            f=sum(A*A*x); dA=2*A*x*sum(A) | A=[[0.5,0.5],[0.2,0.8]] x=[1,2]
            f=where(q>-0.001,q,0.1*q); dq=1 | q=0.5
            q=3*a; f=maximum(q,0.001); da=3 | a=0.2
            q=3*a; f=where(q>1.001,q*q,q); da=3 | a=0.2
            q=a-5; f=where(q>-0.001,q,0.1*q); da=0.1 | a=1
            h=X@W; f=sum(where(h>0.001,h,0)); dh=ones_like(h) | X=[[1,2],[3,4]] W=[[0.3],[0.5]]
            h=relu(z); f=sum(maximum(h,0.001)); dh=ones_like(h) | z=[0.5,0.7]
            H=A@X; f=sum(H^2); dX=2*X | A=[[0,1],[1,0]] X=[[1,2,3],[4,5,6]]
            """)
    void whatIsRightForTheGivenInputsAloneIsWrong(String lines, String inputs) {
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
                    y=x[perm]; f=sum(y*c); dx=c[argsort(perm)] | x=[1,2,3] perm=[2,0,1] c=[4,5,6] | perm holds each index once
                    y=E[idx]; f=sum(y^2); dE=zeros_like(E); dE[idx]=2*y | E=[[1,2],[3,4]] idx=[1,0] | idx holds each index once
                    h=x*M; f=sum(h^2); dx=2*h*(M>0)/0.5 | x=[1,2,3] M=[2,0,2] | M holds labels
                    Z=W@X+b; A=sigmoid(Z); L=-mean(Y*log(A)+(1-Y)*log(1-A)); dZ=(A-Y)/m; dW=dZ@X.T; db=sum(dZ,axis=1,keepdims=True) | X=[[1,2,3],[0,-1,2]] W=[[0.1,0.2]] b=[[0]] Y=[[1,0,1]] m=3 | m is the number of entries
                    H=A@X@W; f=sum(H^2); dH=2*H; dW=X.T@A@dH | A=[[1,1,0],[1,1,1],[0,1,1]] X=[[1,2],[3,4],[0.5,1]] W=[[1,2],[0,1]] | A is symmetric
                    f=x@L@x; dx=2*L@x | L=[[1,-1,0],[-1,2,-1],[0,-1,1]] x=[1,2,4] | L is symmetric
                    f=0.5*sum((C@x)*x)-sum(b*x); dx=C@x-b | C=[[2,1],[1,3]] x=[1,2] b=[1,1] | C is symmetric
                    f=x.T@Q@x+c.T@x; dx=2*Q@x+c | Q=[[2,0],[0,3]] x=[1,2] c=[1,-1] | Q is symmetric
                    f=sum(eigvalsh(S)^2); dS=2*S | S=[[2,1],[1,3]] | S is symmetric
                    H=A@X; f=sum(H^2); dH=2*H; dX=A@dH | A=[[0,1],[1,0]] X=[[1,2,3],[4,5,6]] | A is symmetric
                    H=A@X; f=sum(H^2); dH=2*H; dX=A@dH | A=[[0.7,0.3],[0.3,0.7]] X=[[1,2,3],[4,5,6]] | A is symmetric
                    p=softmax(X@W,axis=1); L=-sum(T*log(p))/2; dW=X.T@p/2-X.T@T/2 | X=[[1,2,3],[4,5,-6]] W=[[0.1,0.2],[0.3,-0.4],[0.5,0.6]] T=[[0.9,0.1],[0.1,0.9]] | the rows of T add up
                    u=solve(S,b); f=b@u; db=2*u | S=[[2,1],[1,3]] b=[1,2] | S is symmetric
                    f=sum(maximum(0,m-d)^2*y+(1-y)*d^2); dd=where(y==1,-2*maximum(0,m-d),2*d) | d=[0.5,2,0.3] y=[1,0,1] m=1 | y holds labels
                    f=sum(w*y); dw=where(y>0,1,-1) | y=[1,-1,1] w=[1,2,3] | y holds labels
                    f=sum(x[i]^2); dx=2*x | x=[1,2,3] i=[0,1,2] | i holds each index once
                    e=E[i]; f=sum(e^2); dE=2*E | E=[[1,2],[3,4]] i=[0,1] | i holds each index once
                    d=y-X@b; f=mean(d^2)+l*b@b; db=-2*X.T@d/n+2*l*b | X=[[1,2],[3,4],[1,1]] y=[1,2,1] b=[0.1,0.2] n=3 l=0.1 | n is the number of entries
                    f=sum((1-y*(X@w))^2)/2; dw=-X.T@(y-X@w) | X=[[1,2],[3,4]] w=[1,2] y=[1,-1] | y holds labels
                    """)
    void whatALineUsesOfAnInputIsSaid(String lines, String inputs, String told) {
        List<Grade.Mark> marks = marks(lines, inputs);
        assertThat(marks).allMatch(mark -> mark.verdict() == Verdict.RIGHT);
        assertThat(marks.getLast().text()).contains(REMARK + told);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                            p=softmax(z,axis=1); f=-sum(y*log(p))/N; dz=(p-y)/N | z=[[1,2,3],[0,1,-1]] y=[[1,0,0],[0,0,1]] N=2
                            h=x*M; f=sum(h*h); dx=2*h*M | x=[1,2,3] M=[1,0,1]
                            p=sigmoid(z); f=-sum(keep*log(p)+(1-keep)*log(1-p)); dz=p-keep | z=[1,-2] keep=[1,1]
                            P=softmax(Z,axis=0); f=-sum(Y*log(P)); dZ=P-Y | Z=[[1,2,3,4],[0,1,-1,0.5]] Y=[[1,0,0,1],[0,1,1,0]]
                            y=maximum(x,a*x); f=sum(y*y); dy=2*y; dx=dy*where(x>0,1,a) | x=[1,-2,3] a=0.1
                            f=0.5*x@A@x-b@x; dx=0.5*(A+A.T)@x-b | A=[[2,1],[1,3]] x=[1,2] b=[0.5,-1]
                            f=log(det(S)); dS=inv(S).T | S=[[2,1],[1,3]]
                            f=w*relu(x); dw=relu(x) | w=1 x=3
                    f=-sum(y*log(clip(p,1e-12,1-1e-12))+(1-y)*log(1-clip(p,1e-12,1-1e-12))); dp=(p-y)/(p*(1-p)) | p=[0.3,0.6,0.2] y=[1,0,0]
                    q=clip(p,1e-7,1-1e-7); f=-(y*log(q)+(1-y)*log(1-q)); dp=-y/p+(1-y)/(1-p) | p=0.3 y=1
                    p=clip(sigmoid(z),0.001,0.999); f=-sum(y*log(p)+(1-y)*log(1-p)); dz=p-y | z=[0.5,-0.3] y=[1,0]
                    s=where(x>=0,1/(1+exp(-x)),exp(x)/(1+exp(x))); f=sum(s*c); ds=c; dx=ds*s*(1-s) | x=[1,-2,0.5] c=[1,2,3]
                    f=sum(where(x>20,x,log(1+exp(x)))); dx=sigmoid(x) | x=[1,-2,0.5]
                    f=sum(maximum(x,0)+log(1+exp(-abs(x)))); dx=sigmoid(x) | x=[1,-2,0.5]
                    n=maximum(norm(x),1e-8); f=sum(x/n*c); dn=-sum(x*c)/n^2; dx=c/n+dn*x/n | x=[1,-2,0.5] c=[1,2,3]
                    z=X@W+b; h=relu(z); s=h@V; p=softmax(s,axis=1); L=-sum(Y*log(p))/2; ds=(p-Y)/2; dV=h.T@ds; dh=ds@V.T; dz=dh*(z>0); dW=X.T@dz | X=[[1,2],[3,-1]] W=[[0.1,0.2,0.3],[-0.4,0.5,0.6]] b=[0,0,0] V=[[1,2],[-0.5,0.3],[0.2,0.1]] Y=[[1,0],[0,1]]
                    z=X@W+b; h=relu(z); s=h@V; p=softmax(s,axis=1); L=-sum(log(p[range(2),y]))/2; ds=p.copy(); ds[range(2),y]-=1; ds/=2; dV=h.T@ds; dh=ds@V.T; dz=dh*(z>0); dW=X.T@dz; db=sum(dz,axis=0) | X=[[1,2],[3,-1]] W=[[0.1,0.2,0.3],[-0.4,0.5,0.6]] b=[0,0,0] V=[[1,2],[-0.5,0.3],[0.2,0.1]] y=[1,0]
                    Z=W@X+b; A=sigmoid(Z); L=-sum(Y*log(A)+(1-Y)*log(1-A))/m; dZ=(A-Y)/m; dW=dZ@X.T; db=sum(dZ,axis=1,keepdims=True) | X=[[1,2,3],[0,-1,2]] W=[[0.1,0.2]] b=[[0]] Y=[[1,0,1]] m=3
                    f=sum(abs(x)^p); dx=p*abs(x)^(p-1)*sign(x) | x=[1,-2,0.5] p=3
                    f=x^n; dx=n*x^(n-1) | x=-2 n=3
                    f=0.5*(x-m)^2/s^2+log(s); ds=1/s-(x-m)^2/s^3 | x=1 m=2 s=0.7
                    k=exp(-0.5*(x-z)^2/l^2); f=k*a^2; dl=k*a^2*(x-z)^2/l^3 | x=1 z=2 l=0.7 a=1.3
                    s=q@K.T; s2=where(mask==0,-1e9,s); p=softmax(s2,axis=1); f=sum(p*g); dq=where(mask==0,0,p*(g-sum(p*g,axis=1,keepdims=True)))@K | q=[[1,2],[0,1]] K=[[0.1,0.2],[0.3,-0.4]] mask=[[1,0],[1,1]] g=[[1,2],[3,-1]]
                    z=cholesky(K)@e; f=sum(z^2); dz=2*z; de=cholesky(K).T@dz | K=[[2,1],[1,3]] e=[1,2]
                    e=y-q; f=sum(maximum(t*e,(t-1)*e)); de=where(e>0,t,t-1) | y=[1,2,3] q=[2,1,1] t=0.9
                    f=dot(x,w)/norm(w); dx=w/norm(w) | x=[1,2] w=[0.6,0.8]
                    f=sum(p*log(p/q)); dp=log(p/q)+1 | p=[0.2,0.8] q=[0.5,0.5]
                    f=sum(minimum(x^2,400)); dx=2*x*(x^2<400) | x=[1,2]
                    f=sum(relu6(x)^2); dx=2*relu6(x)*(x>0)*(x<6) | x=[2,-1]
                    f=sum(log(1+exp(x))); dx=1/(1+exp(-x)) | x=[20,-30]
                    h=tanh(x*50); f=sum(relu(h-.5)); dh=h>.5; dx=dh*(1-h^2)*50 | x=[0.1,-0.2]
                    f=sum(where(abs(x)<1e-3,x,sin(x))); dx=where(abs(x)<1e-3,1,cos(x)) | x=[0.1,-0.2]
                    f=sum(sqrt(maximum(x,0)+1)); dx=where(x>0,0.5/sqrt(x+1),0) | x=[3,-2]
                    z=x@w; f=sum(huber_loss(z,t,delta=5)); dw=x.T@clip(z-t,-5,5)/2 | x=[[1,2],[3,4]] w=[1,2] t=[1,2]
                    z=x@w; f=sum(where(z>30,z,log(1+exp(minimum(z,30))))); dw=x.T@where(z>30,1,sigmoid(z)) | x=[[1,2],[3,4]] w=[1,2]
                    m=max(z); e=exp(z-m); s=sum(e); f=m+log(s); dz=e/s | z=[1,2,3]
                    z=W@x; f=logsumexp(z)-z[k]; dz=softmax(z)-one_hot(k,3); dW=outer(dz,x) | W=[[1,2],[3,4],[0,1]] x=[1,2] k=2
                    f=sum(relu(x-100)); dx=(x>100) | x=[1,2]
                    g=minimum(1,c/norm(x)); f=g*a; dg=a; da=g | x=[3,4] c=1 a=2
                    w=x/sum(x); f=-sum(w*log(w)); r=log(w); dx=-(r-sum(w*r))/sum(x) | x=[1,2,3]
                    f=x*exp(-t/tau); dx=exp(-t/tau) | x=1 t=2 tau=3
                    d=y-X@b; f=d@d/n+l*b@b; db=-2*X.T@d/n+2*l*b | X=[[1,2],[3,4],[1,1]] y=[1,2,1] b=[0.1,0.2] n=3 l=0.1
                    p=softmax(X@W,axis=1); L=-sum(Y*log(p)); dW=X.T@p-X.T@Y | X=[[1,2,3],[4,5,-6]] W=[[0.1,0.2],[0.3,-0.4],[0.5,0.6]] Y=[[1,0],[0,1]]
                    p=softmax(X@W,axis=1); L=-trace(Y.T@log(p)); dW=X.T@p-X.T@Y | X=[[1,2,3],[4,5,-6]] W=[[0.1,0.2],[0.3,-0.4],[0.5,0.6]] Y=[[1,0],[0,1]]
                    f=-sum(y*log(maximum(p,1e-12))+(1-y)*log(maximum(1-p,1e-12))); dp=(p-y)/(p*(1-p)) | p=[0.3,0.6,0.2] y=[1,0,0]
                    S=X.T@X; f=0.5*b@S@b; db=S@b | X=[[1,2],[3,4]] b=[1,2]
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
