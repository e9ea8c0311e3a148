/**
 * Filters of the Proxy-Wasm ABI, version 0.2.1, as Java services, {@link org.sallyport.proxywasm.HttpFilter}, and as a filter of
 * servlets, {@link org.sallyport.proxywasm.ProxyServletFilter}.
 */
@Export
@Version("1.0.0")
package org.sallyport.proxywasm;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
