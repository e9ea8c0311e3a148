package org.sallyport.cdi;

import static java.lang.annotation.ElementType.FIELD;
import static java.lang.annotation.ElementType.METHOD;
import static java.lang.annotation.ElementType.TYPE;
import static java.lang.annotation.RetentionPolicy.RUNTIME;

import java.lang.annotation.Documented;
import java.lang.annotation.Retention;
import java.lang.annotation.Target;

/**
 * A bean, or what a producer makes, is a host module: the abstract methods of its interfaces are functions that plugins import
 * from the WebAssembly module {@link #value}, as far as grants allow it. Without an interface it is refused. A bean that is an
 * {@link org.sallyport.host.HostModule} makes functions for each plugin.
 */
@Documented
@Retention(RUNTIME)
@Target({TYPE, METHOD, FIELD})
public @interface HostModule {
    /** The WebAssembly module's name: the property {@value org.sallyport.host.HostModule#MODULE} in filters of grants. */
    String value();

    /** More properties for filters, each {@code NAME=VALUE}. */
    String[] properties() default {};
}
