/**
 * What a plugin host is, whatever feeds it: rights, bindings, instances, the way of a call, the life of a plugin.
 *
 * <p>For those that feed it: {@link org.sallyport.host.core.HostCore} takes plugins and grants, and asks {@link
 * org.sallyport.host.core.Surroundings} for everything else. Applications need {@code org.sallyport.host} instead.
 */
@Export
@Version("0.1.0")
@NullMarked
package org.sallyport.host.core;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
