/**
 * Formatters of dprint (plugin ABI version 4) as Java services: {@link org.sallyport.dprint.Formatter}.
 */
@Export
@Version("1.0.0")
package org.sallyport.dprint;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
