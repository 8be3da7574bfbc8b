;; Levels of the voice bands as bytes (WebAssembly SIMD), in the memory of audio/spectrum.wat, whose 128 powers at 5840 they are of. voice-bands.ts lays out:
;;   6400 edges of the wide bands, 23 bytes   6432 powers of the 52 bands, f32   6640 their bytes. log2 as in audio/spectrum.wat. Compiled to voice-bands-wasm.ts by tools/compile-wat.ts.
(module
  (import "spectrum" "memory" (memory 1))
  (func (export "levels")
    (local $at i32) (local $band i32) (local $end i32) (local $power f32) (local $x v128) (local $m v128) (local $y v128)
    (local $mantissa v128) (local $one v128)
    (local $c0 v128) (local $c1 v128) (local $c2 v128) (local $c3 v128) (local $c4 v128) (local $c5 v128) (local $scale v128) (local $shift v128)
    ;; Single bins 3-32.
    (loop $single
      (v128.store offset=6432 (local.get $at) (v128.load offset=5852 (local.get $at)))
      (br_if $single (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (i32.const 128))))
    (local.set $at (i32.shl (i32.load8_u (i32.const 6400)) (i32.const 2)))
    (loop $wide
      (local.set $power (f32.const 0))
      (local.set $end (i32.shl (i32.load8_u offset=6401 (local.get $band)) (i32.const 2)))
      (loop $bins
        (local.set $power (f32.add (local.get $power) (f32.load offset=5840 (local.get $at))))
        (br_if $bins (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $end))))
      (f32.store offset=6552 (i32.shl (local.get $band) (i32.const 2)) (local.get $power))
      (br_if $wide (i32.lt_u (local.tee $band (i32.add (local.get $band) (i32.const 1))) (i32.const 22))))
    (local.set $mantissa (v128.const i32x4 0x7fffff 0x7fffff 0x7fffff 0x7fffff))
    (local.set $one (v128.const f32x4 1 1 1 1))
    (local.set $c0 (v128.const f32x4 3.1157899 3.1157899 3.1157899 3.1157899))
    (local.set $c1 (v128.const f32x4 -3.324199 -3.324199 -3.324199 -3.324199))
    (local.set $c2 (v128.const f32x4 2.5988452 2.5988452 2.5988452 2.5988452))
    (local.set $c3 (v128.const f32x4 -1.2315303 -1.2315303 -1.2315303 -1.2315303))
    (local.set $c4 (v128.const f32x4 0.31821337 0.31821337 0.31821337 0.31821337))
    (local.set $c5 (v128.const f32x4 -0.034436006 -0.034436006 -0.034436006 -0.034436006))
    ;; Half decibels over -120, rounded.
    (local.set $scale (v128.const f32x4 6.0205999 6.0205999 6.0205999 6.0205999))
    (local.set $shift (v128.const f32x4 240.5 240.5 240.5 240.5))
    (local.set $at (i32.const 0))
    (loop $bytes
      (local.set $x (f32x4.add (v128.load offset=6432 (local.get $at)) (v128.const f32x4 1e-12 1e-12 1e-12 1e-12)))
      (local.set $m (v128.or (v128.and (local.get $x) (local.get $mantissa)) (local.get $one)))
      (local.set $y (f32x4.add (f32x4.mul (local.get $c5) (local.get $m)) (local.get $c4)))
      (local.set $y (f32x4.add (f32x4.mul (local.get $y) (local.get $m)) (local.get $c3)))
      (local.set $y (f32x4.add (f32x4.mul (local.get $y) (local.get $m)) (local.get $c2)))
      (local.set $y (f32x4.add (f32x4.mul (local.get $y) (local.get $m)) (local.get $c1)))
      (local.set $y (f32x4.add (f32x4.mul (local.get $y) (local.get $m)) (local.get $c0)))
      (local.set $y (f32x4.add (f32x4.convert_i32x4_s (i32x4.sub (i32x4.shr_u (local.get $x) (i32.const 23)) (v128.const i32x4 127 127 127 127))) (f32x4.mul (local.get $y) (f32x4.sub (local.get $m) (local.get $one)))))
      (local.set $y (i32x4.trunc_sat_f32x4_u (f32x4.add (f32x4.mul (local.get $y) (local.get $scale)) (local.get $shift))))
      (local.set $y (i16x8.narrow_i32x4_u (local.get $y) (local.get $y)))
      (local.set $y (i8x16.narrow_i16x8_u (local.get $y) (local.get $y)))
      (v128.store32_lane offset=6640 0 (i32.shr_u (local.get $at) (i32.const 2)) (local.get $y))
      (br_if $bytes (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (i32.const 208))))))
