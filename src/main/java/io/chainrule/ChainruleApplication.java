package io.chainrule;

import java.util.Arrays;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Only these packages hold components. Reading the classes of the core too would make the start a twentieth longer. */
@SpringBootApplication(scanBasePackages = {"io.chainrule.service", "io.chainrule.web"})
public class ChainruleApplication {
    /** The JVM reads this property when its first virtual thread starts. */
    private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";
    /** For those who hold no permit, but send, read or wait. */
    private static final int FURTHER_CARRIERS = 2;

    /** Each core has a carrier for large work and one for tiny work. With many more carriers, small requests took longer. */
    public static void main(String[] args) {
        if (args.length > 0) {
            String[] words = Arrays.copyOfRange(args, 1, args.length);
            switch (args[0]) {
                case KeysCommand.NAME -> System.exit(new KeysCommand(System.getenv(), System.out, System.err).run(words));
                case HealthCommand.NAME -> System.exit(new HealthCommand(System.out).run(words));
                default -> {
                    // Options of Spring.
                }
            }
        }
        if (System.getProperty(CARRIERS) == null) {
            System.setProperty(CARRIERS, String.valueOf(2 * Runtime.getRuntime().availableProcessors() + FURTHER_CARRIERS));
        }
        SpringApplication.run(ChainruleApplication.class, args);
    }
}
