package io.chainrule;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Only these packages hold components. To read the classes of the core as well would take a tenth of the start. */
@SpringBootApplication(scanBasePackages = {"io.chainrule.service", "io.chainrule.web"})
public class ChainruleApplication {
    public static void main(String[] args) {
        SpringApplication.run(ChainruleApplication.class, args);
    }
}
