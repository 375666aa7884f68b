package io.chainrule;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
public class ChainruleApplication {
    public static void main(String[] args) {
        SpringApplication.run(ChainruleApplication.class, args);
    }
}
