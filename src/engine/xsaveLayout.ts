/** Where the components of the XSAVE area lie on this CPU. */
import { loadAddon } from "./nativeAddon.ts";

/** Standard (not compacted) format; offsets and sizes in bytes, from CPUID leaf 0xD. */
export interface XsaveLayout {
  /** XCR0: one bit per component that the system saves. */
  readonly features: bigint;
  readonly size: number;
  readonly components: readonly { readonly index: number; readonly offset: number; readonly size: number }[];
}

export function hostXsaveLayout(): XsaveLayout {
  return loadAddon().xsaveLayout();
}
