;; One moment of VoiceEar's net (WebAssembly SIMD): from bytes of frames to what the third layer finds. voice-net.ts lays out memory; all but the bytes f32:
;;      0 bands of 17 frames, bytes   896 the loudest byte so far at each of them   928 what was kept of the moment before: a row of the first layer, two of
;;   the second (64 each)   1696 the frames, 52 a row   5232 first layer, 7 rows   7024 second layer, 3 rows   7792 third layer, 96   8192 weights and biases
;; Compiled to voice-net-wasm.ts by tools/compile-wat.ts; a test holds it to this text.
(module
  (memory (export "memory") 5)

  ;; out = weights * x + bias, nothing below 0 if asked: four outputs at a time, four products an instruction. Rows and columns in fours.
  (func $affine
    (param $x i32) (param $weights i32) (param $bias i32) (param $out i32) (param $rows i32) (param $columns i32) (param $positive i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128) (local $input v128)
    (local $row i32) (local $at i32) (local $end i32) (local $stride i32) (local $w i32)
    (local.set $stride (i32.shl (local.get $columns) (i32.const 2)))
    (loop $rows_left
      (local.set $a (v128.const f32x4 0 0 0 0))
      (local.set $b (local.get $a))
      (local.set $c (local.get $a))
      (local.set $d (local.get $a))
      (local.set $at (local.get $x))
      (local.set $end (i32.add (local.get $x) (local.get $stride)))
      (local.set $w (local.get $weights))
      (loop $columns_left
        (local.set $input (v128.load (local.get $at)))
        (local.set $a (f32x4.add (local.get $a) (f32x4.mul (local.get $input) (v128.load (local.get $w)))))
        (local.set $b (f32x4.add (local.get $b) (f32x4.mul (local.get $input) (v128.load (i32.add (local.get $w) (local.get $stride))))))
        (local.set $c (f32x4.add (local.get $c) (f32x4.mul (local.get $input) (v128.load (i32.add (local.get $w) (i32.shl (local.get $stride) (i32.const 1)))))))
        (local.set $d (f32x4.add (local.get $d) (f32x4.mul (local.get $input) (v128.load (i32.add (local.get $w) (i32.mul (local.get $stride) (i32.const 3)))))))
        (local.set $w (i32.add (local.get $w) (i32.const 16)))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br_if $columns_left (i32.lt_u (local.get $at) (local.get $end))))
      ;; The four sums of four lanes each, turned into one vector of four sums.
      (local.set $input (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a) (local.get $b)))
      (local.set $b (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $a) (local.get $b)))
      (local.set $a (f32x4.add (local.get $input) (local.get $b)))
      (local.set $input (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $c) (local.get $d)))
      (local.set $d (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $c) (local.get $d)))
      (local.set $c (f32x4.add (local.get $input) (local.get $d)))
      (local.set $a (f32x4.add
        (f32x4.add
          (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $a) (local.get $c))
          (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $a) (local.get $c)))
        (v128.load (i32.add (local.get $bias) (i32.shl (local.get $row) (i32.const 2))))))
      (if (local.get $positive) (then (local.set $a (f32x4.max (local.get $a) (v128.const f32x4 0 0 0 0)))))
      (v128.store (i32.add (local.get $out) (i32.shl (local.get $row) (i32.const 2))) (local.get $a))
      (local.set $weights (i32.add (local.get $weights) (i32.shl (local.get $stride) (i32.const 2))))
      (local.set $row (i32.add (local.get $row) (i32.const 4)))
      (br_if $rows_left (i32.lt_u (local.get $row) (local.get $rows)))))

  ;; $fresh: the moment before was not computed, so that all 17 frames are used; else the last 7 and what was kept. $moment counts from 0; 2 stands for all later ones.
  (func (export "moment") (param $fresh i32) (param $moment i32) (param $first i32) (param $firstBias i32) (param $second i32) (param $secondBias i32) (param $third i32) (param $thirdBias i32)
    (local $frame i32) (local $at i32) (local $end i32) (local $row i32) (local $loudest v128) (local $bytes v128)
    ;; Bands under the loudest so far: 1 down to -1 for 80 dB, a hundred and sixty steps.
    (local.set $frame (select (i32.const 0) (i32.const 10) (local.get $fresh)))
    (loop $frames
      (local.set $loudest (f32x4.splat (f32.convert_i32_u (i32.load8_u offset=896 (local.get $frame)))))
      (local.set $at (i32.mul (local.get $frame) (i32.const 52)))
      (local.set $end (i32.add (local.get $at) (i32.const 52)))
      (loop $bands
        (local.set $bytes (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (v128.load32_zero (local.get $at)))))
        (v128.store offset=1696 (i32.shl (local.get $at) (i32.const 2))
          (f32x4.pmax (v128.const f32x4 -1 -1 -1 -1)
            (f32x4.sub (v128.const f32x4 1 1 1 1) (f32x4.mul (f32x4.sub (local.get $loudest) (f32x4.convert_i32x4_u (local.get $bytes))) (v128.const f32x4 0.0125 0.0125 0.0125 0.0125)))))
        (br_if $bands (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $end))))
      (br_if $frames (i32.lt_u (local.tee $frame (i32.add (local.get $frame) (i32.const 1))) (i32.const 17))))

    ;; First layer: a row each second frame, of five frames. Row 4 is the last of the moment before; rows before the call are 0.
    (if (local.get $fresh)
      (then
        (memory.fill (i32.const 5232) (i32.const 0) (i32.const 2560))
        (local.set $row (select (i32.const 0) (i32.sub (i32.const 3) (i32.shl (local.get $moment) (i32.const 1))) (i32.ge_u (local.get $moment) (i32.const 2)))))
      (else
        (memory.copy (i32.const 6256) (i32.const 928) (i32.const 256))
        (memory.copy (i32.const 7024) (i32.const 1184) (i32.const 512))
        (local.set $row (i32.const 5))))
    (loop $firsts
      (call $affine (i32.add (i32.const 1696) (i32.mul (local.get $row) (i32.const 416))) (local.get $first) (local.get $firstBias)
        (i32.add (i32.const 5232) (i32.shl (local.get $row) (i32.const 8))) (i32.const 64) (i32.const 260) (i32.const 1))
      (br_if $firsts (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 1))) (i32.const 7))))

    ;; Second layer: a row each second one of the first, of three of them.
    (local.set $row (select (select (i32.const 0) (i32.const 1) (local.get $moment)) (i32.const 2) (local.get $fresh)))
    (loop $seconds
      (call $affine (i32.add (i32.const 5232) (i32.shl (local.get $row) (i32.const 9))) (local.get $second) (local.get $secondBias)
        (i32.add (i32.const 7024) (i32.shl (local.get $row) (i32.const 8))) (i32.const 64) (i32.const 192) (i32.const 1))
      (br_if $seconds (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 1))) (i32.const 3))))
    (call $affine (i32.const 7024) (local.get $third) (local.get $thirdBias) (i32.const 7792) (i32.const 96) (i32.const 192) (i32.const 0))
    (memory.copy (i32.const 928) (i32.const 6768) (i32.const 256))
    (memory.copy (i32.const 1184) (i32.const 7280) (i32.const 512))))
