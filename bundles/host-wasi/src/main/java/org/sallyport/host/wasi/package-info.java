/**
 * WASI for plugins: {@link org.sallyport.host.wasi.WasiModule} is the host module, {@link org.sallyport.host.wasi.WasiCommand}
 * a command as a Java service. What a plugin gets is in its grant's attributes, {@link org.sallyport.host.wasi.WasiGrant}.
 */
@Export
@Version("1.0.0")
package org.sallyport.host.wasi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
