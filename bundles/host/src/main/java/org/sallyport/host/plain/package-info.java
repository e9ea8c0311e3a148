/**
 * The plugin host and pools of instances in plain Java: all that a framework would bring is given by calls.
 *
 * <p>{@link org.sallyport.host.plain.PlainPluginHost} has plugins with grants; {@link org.sallyport.host.plain.InstancePool}
 * has instances of a module that the application trusts as far as its linker goes.
 */
@Export
@Version("0.1.0")
@NullMarked
package org.sallyport.host.plain;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
