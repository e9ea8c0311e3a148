/**
 * The plugin host in OSGi: plugins are bundles or files, host modules and offers are services, grants are configurations.
 *
 * @see org.sallyport.host.PluginHost
 */
@Export
@Version("0.1.0")
@NullMarked
package org.sallyport.host.osgi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
