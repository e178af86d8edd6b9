package io.github.deepseekboot.guide;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;

/**
 * The application under test in the guide to testing.
 */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import(PoetryShop.class)
class PoetryApplication {

}
