package io.chainrule;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Only these packages hold components. Reading the classes of the core too would make the start a twentieth longer. */
@SpringBootApplication(scanBasePackages = {"io.chainrule.service", "io.chainrule.web"})
public class ChainruleApplication {
    public static void main(String[] args) {
        SpringApplication.run(ChainruleApplication.class, args);
    }
}
