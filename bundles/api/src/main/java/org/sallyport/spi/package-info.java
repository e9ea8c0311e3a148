/** What providers must offer the engine. */
@Export
@Version("0.1.0")
package org.sallyport.spi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
