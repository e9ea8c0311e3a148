package org.sallyport.host;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * On an interface: what implements it by a plugin, instead of one export for each method. Everything else is as with other
 * interfaces: {@link Plugin#as}, {@code services} of a manifest, {@code offer} of a grant.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface AdaptedBy {
    Class<? extends PluginAdapter<?>> value();
}
