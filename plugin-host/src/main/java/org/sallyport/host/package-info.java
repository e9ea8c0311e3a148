/** The plugin host. */
@Export
@Version("0.1.0")
package org.sallyport.host;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
