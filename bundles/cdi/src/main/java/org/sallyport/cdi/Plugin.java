package org.sallyport.cdi;

import static java.lang.annotation.ElementType.FIELD;
import static java.lang.annotation.ElementType.METHOD;
import static java.lang.annotation.ElementType.PARAMETER;
import static java.lang.annotation.ElementType.TYPE;
import static java.lang.annotation.RetentionPolicy.RUNTIME;

import jakarta.enterprise.util.AnnotationLiteral;
import jakarta.enterprise.util.Nonbinding;
import jakarta.inject.Qualifier;
import java.lang.annotation.Documented;
import java.lang.annotation.Retention;
import java.lang.annotation.Target;

/**
 * A plugin by its id: {@code @Inject @Plugin("discount") Discount discount}. The type is a Java interface, which the exports of
 * the plugin implement (docs/plugin-abi.md), or {@link org.sallyport.host.Plugin}, which is the plugin as its operator sees it.
 * Calls throw {@link org.sallyport.host.PluginUnavailableException} while the plugin is not active.
 *
 * <p>Beans that live as long as the application, and dependent ones, share the instances of the plugin, as its manifest says
 * (pooled, where it says nothing). A bean of another normal scope, such as a request-scoped one, has an instance of its own from
 * its first call until the bean is destroyed ({@link org.sallyport.host.PluginSession}).
 */
@Qualifier
@Documented
@Retention(RUNTIME)
@Target({FIELD, PARAMETER, METHOD, TYPE})
public @interface Plugin {
    /** The plugin's id: {@code ID} of the settings {@code sallyport.plugin.ID.*}. */
    @Nonbinding
    String value();

    /** For look-ups: {@code instance.select(Discount.class, new Plugin.Literal("discount"))}. */
    final class Literal extends AnnotationLiteral<Plugin> implements Plugin {
        private static final long serialVersionUID = 1;

        private final String value;

        public Literal(String value) {
            this.value = value;
        }

        @Override
        public String value() {
            return value;
        }
    }
}
