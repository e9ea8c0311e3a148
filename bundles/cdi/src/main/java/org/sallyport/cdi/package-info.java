/**
 * Plugins in CDI: {@link org.sallyport.cdi.Plugin} injects them, {@link org.sallyport.cdi.HostModule} offers beans to them,
 * {@link org.sallyport.cdi.Settings} say which plugins there are and what they are granted. With the jar beside an
 * application's beans the following can be injected besides:
 *
 * <ul>
 *   <li>{@link org.sallyport.Engine}, which is closed with the application; where a bean of type {@link
 *       org.sallyport.Config} exists, that is its configuration;
 *   <li>{@link org.sallyport.host.PluginHost} and {@link org.sallyport.cdi.Plugins};
 *   <li>{@code @Observes} or {@code @ObservesAsync} {@link org.sallyport.host.PluginEvent}, or one of its kinds, for what
 *       happens to plugins.
 * </ul>
 *
 * <p>Every injection point with {@link org.sallyport.cdi.Plugin} is checked when the application is deployed: the plugin must
 * be there, all its imports granted, and its exports must fit the type; else the deployment fails and names the injection
 * point.
 */
@Export
@NullMarked
@Version("0.1.0")
package org.sallyport.cdi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
