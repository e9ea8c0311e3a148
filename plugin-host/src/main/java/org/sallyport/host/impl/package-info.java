/**
 * How the plugin host works; nobody outside of this bundle needs it. Start at {@link
 * org.sallyport.host.impl.PluginImpl}.
 */
@NullMarked
package org.sallyport.host.impl;

import org.jspecify.annotations.NullMarked;
