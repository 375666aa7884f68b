package io.chainrule.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a JVM says of its kernels when it starts. */
class KernelLookupTest {
    /** The program of the JVMs that the tests start. */
    static final class Started {
        public static void main(String[] arguments) {
            System.out.println(Kernels.best().name() + ", fma counts for " + FusedMultiplyAdd.cost());
        }
    }

    private static String log(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(Arrays.asList(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Started.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String log = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(log).isZero();
        return log;
    }

    @Test
    void aMachineWithoutFusedMultiplyAddIsToldOf() throws IOException, InterruptedException {
        assertThat(log("-XX:-UseFMA")).contains("this processor has no fused multiply-add", "fma counts for 1000");
    }

    @Test
    void withoutTheModuleItSaysSo() throws IOException, InterruptedException {
        assertThat(log()).contains("module jdk.incubator.vector is absent").doesNotContain("no fused multiply-add");
    }
}
