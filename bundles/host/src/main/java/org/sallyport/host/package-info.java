/**
 * The plugin host: WebAssembly modules as plugins that reach exactly the host functions granted to them.
 *
 * <p>Words: a {@linkplain org.sallyport.host.Plugin plugin} is a module with a {@linkplain
 * org.sallyport.host.PluginManifest manifest} of what it
 * asks for; a <em>host module</em> is an
 * object whose methods they may import, with a name ({@value org.sallyport.host.HostModule#MODULE}) and other properties; a
 * {@linkplain org.sallyport.host.Grant grant} is what the operator allows. In OSGi host modules are services, grants come
 * from Configuration Admin, and applications look plugins up as services of their own Java interfaces with the property
 * {@value org.sallyport.host.Plugin#ID}. In plain Java all of it is given to {@code org.sallyport.host.plain}.
 */
@Export
@Version("0.1.0")
@NullMarked
package org.sallyport.host;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
