"""Every rule, in one explicit tuple, and the codes that are retired and never used again."""

from sipscope.rules.api import AnyRule
from sipscope.rules.auth.ack_credentials_missing import ack_credentials_missing
from sipscope.rules.auth.ack_or_cancel_challenged import ack_or_cancel_challenged
from sipscope.rules.auth.algorithm_negotiation import algorithm_negotiation
from sipscope.rules.auth.auth_loop import auth_loop
from sipscope.rules.auth.challenge_unanswered import challenge_unanswered
from sipscope.rules.auth.digest_params_malformed import digest_params_malformed
from sipscope.rules.auth.digest_recomputed_wrong import digest_recomputed_wrong
from sipscope.rules.auth.digest_uri_mismatch import digest_uri_mismatch
from sipscope.rules.auth.nonce_count_broken import nonce_count_broken
from sipscope.rules.auth.realm_or_nonce_mismatch import realm_or_nonce_mismatch
from sipscope.rules.auth.retry_cseq_not_incremented import retry_cseq_not_incremented
from sipscope.rules.auth.stale_nonce_mishandled import stale_nonce_mishandled
from sipscope.rules.auth.wrong_credential_header import wrong_credential_header
from sipscope.rules.dlg.bye_failed import bye_failed
from sipscope.rules.dlg.bye_in_forbidden_state import bye_in_forbidden_state
from sipscope.rules.dlg.cseq_not_increasing import cseq_not_increasing
from sipscope.rules.dlg.dead_dialog_kept import dead_dialog_kept
from sipscope.rules.dlg.dialog_identifiers_wrong import dialog_identifiers_wrong
from sipscope.rules.dlg.dialog_left_open import dialog_left_open
from sipscope.rules.dlg.record_route_not_mirrored import record_route_not_mirrored
from sipscope.rules.dlg.record_route_unusable import record_route_unusable
from sipscope.rules.dlg.request_after_bye import request_after_bye
from sipscope.rules.dlg.request_uri_not_remote_target import request_uri_not_remote_target
from sipscope.rules.dlg.route_set_wrong import route_set_wrong
from sipscope.rules.dlg.target_refresh_ignored import target_refresh_ignored
from sipscope.rules.dlg.unknown_dialog import unknown_dialog
from sipscope.rules.em.answer_clipping import answer_clipping
from sipscope.rules.em.early_answer_unreliable import early_answer_unreliable
from sipscope.rules.em.early_media_after_failure import early_media_after_failure
from sipscope.rules.em.early_media_before_description import early_media_before_description
from sipscope.rules.em.early_media_one_way import early_media_one_way
from sipscope.rules.em.early_session_misuse import early_session_misuse
from sipscope.rules.em.early_to_regular_media_change import early_to_regular_media_change
from sipscope.rules.em.forked_early_media_collision import forked_early_media_collision
from sipscope.rules.em.local_ringing_vs_early_media import local_ringing_vs_early_media
from sipscope.rules.em.long_bidirectional_early_media import long_bidirectional_early_media
from sipscope.rules.em.p_early_media_violated import p_early_media_violated
from sipscope.rules.em.progress_without_alerting import progress_without_alerting
from sipscope.rules.em.ringback_dead_air import ringback_dead_air
from sipscope.rules.evt.entity_tag_misused import entity_tag_misused
from sipscope.rules.evt.event_mismatch import event_mismatch
from sipscope.rules.evt.event_package_unsupported import event_package_unsupported
from sipscope.rules.evt.first_state_partial import first_state_partial
from sipscope.rules.evt.no_notify_after_subscribe import no_notify_after_subscribe
from sipscope.rules.evt.notify_after_end import notify_after_end
from sipscope.rules.evt.notify_body_unacceptable import notify_body_unacceptable
from sipscope.rules.evt.notify_rejected import notify_rejected
from sipscope.rules.evt.publication_lapsed import publication_lapsed
from sipscope.rules.evt.publish_malformed import publish_malformed
from sipscope.rules.evt.resubscribe_against_reason import resubscribe_against_reason
from sipscope.rules.evt.state_version_broken import state_version_broken
from sipscope.rules.evt.subscription_duration_wrong import subscription_duration_wrong
from sipscope.rules.evt.subscription_lapsed import subscription_lapsed
from sipscope.rules.evt.subscription_state_invalid import subscription_state_invalid
from sipscope.rules.evt.unsubscribe_without_final_notify import unsubscribe_without_final_notify
from sipscope.rules.frk.extra_2xx_mishandled import extra_2xx_mishandled
from sipscope.rules.frk.losing_branches_not_cancelled import losing_branches_not_cancelled
from sipscope.rules.frk.to_tag_unstable import to_tag_unstable
from sipscope.rules.msec.bundle_group_invalid import bundle_group_invalid
from sipscope.rules.msec.dtls_fingerprint_problem import dtls_fingerprint_problem
from sipscope.rules.msec.dtls_setup_roles_invalid import dtls_setup_roles_invalid
from sipscope.rules.msec.ice_default_mismatch import ice_default_mismatch
from sipscope.rules.msec.opportunistic_security_outcome import opportunistic_security_outcome
from sipscope.rules.msec.rtcp_attribute_misplaced import rtcp_attribute_misplaced
from sipscope.rules.msec.rtcp_mux_inconsistent import rtcp_mux_inconsistent
from sipscope.rules.msec.sdes_answer_invalid import sdes_answer_invalid
from sipscope.rules.msec.sdes_key_in_clear import sdes_key_in_clear
from sipscope.rules.msec.secure_profile_without_keys import secure_profile_without_keys
from sipscope.rules.msec.srtp_negotiated_clear_media import srtp_negotiated_clear_media
from sipscope.rules.msgm.dtmf_info_misuse import dtmf_info_misuse
from sipscope.rules.msgm.info_not_allowed import info_not_allowed
from sipscope.rules.msgm.message_oversize import message_oversize
from sipscope.rules.msgm.message_rules import message_rules
from sipscope.rules.msgm.method_not_allowed import method_not_allowed
from sipscope.rules.msgm.options_ping_failing import options_ping_failing
from sipscope.rules.oa.accepted_with_all_media_refused import accepted_with_all_media_refused
from sipscope.rules.oa.accepted_without_common_codec import accepted_without_common_codec
from sipscope.rules.oa.answer_direction_invalid import answer_direction_invalid
from sipscope.rules.oa.answer_echoes_or_changes_time import answer_echoes_or_changes_time
from sipscope.rules.oa.answer_media_count import answer_media_count
from sipscope.rules.oa.answer_media_type_or_profile import answer_media_type_or_profile
from sipscope.rules.oa.codec_configuration_mismatch import codec_configuration_mismatch
from sipscope.rules.oa.codec_order_changed import codec_order_changed
from sipscope.rules.oa.delayed_offer_missing import delayed_offer_missing
from sipscope.rules.oa.delayed_offer_not_answered import delayed_offer_not_answered
from sipscope.rules.oa.error_after_executed_change import error_after_executed_change
from sipscope.rules.oa.failed_change_applied import failed_change_applied
from sipscope.rules.oa.fax_switch_outcome import fax_switch_outcome
from sipscope.rules.oa.forked_early_answers import forked_early_answers
from sipscope.rules.oa.g729_annexb_mismatch import g729_annexb_mismatch
from sipscope.rules.oa.glare_not_rejected import glare_not_rejected
from sipscope.rules.oa.hold_by_null_address import hold_by_null_address
from sipscope.rules.oa.hold_never_released import hold_never_released
from sipscope.rules.oa.media_section_dropped import media_section_dropped
from sipscope.rules.oa.not_acceptable_diagnosed import not_acceptable_diagnosed
from sipscope.rules.oa.offer_in_illegal_carrier import offer_in_illegal_carrier
from sipscope.rules.oa.offer_never_answered import offer_never_answered
from sipscope.rules.oa.offer_while_pending import offer_while_pending
from sipscope.rules.oa.origin_identity_changed import origin_identity_changed
from sipscope.rules.oa.origin_version_jump import origin_version_jump
from sipscope.rules.oa.origin_version_stale import origin_version_stale
from sipscope.rules.oa.overlapping_request_not_500 import overlapping_request_not_500
from sipscope.rules.oa.payload_type_asymmetric import payload_type_asymmetric
from sipscope.rules.oa.payload_type_remapped import payload_type_remapped
from sipscope.rules.oa.preview_differs_from_answer import preview_differs_from_answer
from sipscope.rules.oa.sdp_after_answer_complete import sdp_after_answer_complete
from sipscope.rules.oa.stuck_on_hold import stuck_on_hold
from sipscope.rules.oa.zero_port_not_mirrored import zero_port_not_mirrored
from sipscope.rules.pre.alerting_before_preconditions import alerting_before_preconditions
from sipscope.rules.pre.precondition_signalling_incomplete import precondition_signalling_incomplete
from sipscope.rules.prk.final_before_prack_of_sdp import final_before_prack_of_sdp
from sipscope.rules.prk.prack_for_unreliable import prack_for_unreliable
from sipscope.rules.prk.prack_offer_not_allowed import prack_offer_not_allowed
from sipscope.rules.prk.prack_refused import prack_refused
from sipscope.rules.prk.rack_mismatch import rack_mismatch
from sipscope.rules.prk.reliability_demand_ignored import reliability_demand_ignored
from sipscope.rules.prk.reliability_headers_incomplete import reliability_headers_incomplete
from sipscope.rules.prk.reliable_response_unacknowledged import reliable_response_unacknowledged
from sipscope.rules.prk.reliable_without_consent import reliable_without_consent
from sipscope.rules.prk.rseq_sequence_broken import rseq_sequence_broken
from sipscope.rules.prk.second_reliable_too_early import second_reliable_too_early
from sipscope.rules.reg.interval_too_brief_loop import interval_too_brief_loop
from sipscope.rules.reg.outbound_incomplete import outbound_incomplete
from sipscope.rules.reg.path_or_service_route_lost import path_or_service_route_lost
from sipscope.rules.reg.register_200_incomplete import register_200_incomplete
from sipscope.rules.reg.register_request_malformed import register_request_malformed
from sipscope.rules.reg.register_sequence_broken import register_sequence_broken
from sipscope.rules.reg.register_storm import register_storm
from sipscope.rules.reg.registration_lapsed import registration_lapsed
from sipscope.rules.reg.registration_rejected import registration_rejected
from sipscope.rules.reg.request_to_dead_contact import request_to_dead_contact
from sipscope.rules.reg.stale_bindings_accumulate import stale_bindings_accumulate
from sipscope.rules.rte.diversion_inconsistent import diversion_inconsistent
from sipscope.rules.rte.max_forwards_not_decremented import max_forwards_not_decremented
from sipscope.rules.rte.redirect_unusable import redirect_unusable
from sipscope.rules.rte.server_failure_without_failover import server_failure_without_failover
from sipscope.rules.rte.via_stack_corrupted import via_stack_corrupted
from sipscope.rules.rtp.jitter_high import jitter_high
from sipscope.rules.rtp.media_to_unnegotiated_address import media_to_unnegotiated_address
from sipscope.rules.rtp.no_media import no_media
from sipscope.rules.rtp.one_way_media import one_way_media
from sipscope.rules.rtp.packet_loss import packet_loss
from sipscope.rules.rtp.payload_type_not_negotiated import payload_type_not_negotiated
from sipscope.rules.sdp.address_or_port_ill_formed import address_or_port_ill_formed
from sipscope.rules.sdp.codec_clock_or_channels_wrong import codec_clock_or_channels_wrong
from sipscope.rules.sdp.connection_line_missing import connection_line_missing
from sipscope.rules.sdp.dynamic_pt_without_rtpmap import dynamic_pt_without_rtpmap
from sipscope.rules.sdp.format_attribute_orphan import format_attribute_orphan
from sipscope.rules.sdp.media_address_unreachable import media_address_unreachable
from sipscope.rules.sdp.origin_line_malformed import origin_line_malformed
from sipscope.rules.sdp.ptime_invalid import ptime_invalid
from sipscope.rules.sdp.rtp_payload_type_reserved import rtp_payload_type_reserved
from sipscope.rules.sdp.sdp_line_order_or_form import sdp_line_order_or_form
from sipscope.rules.sdp.sdp_required_line_missing import sdp_required_line_missing
from sipscope.rules.sdp.session_body_not_identifiable import session_body_not_identifiable
from sipscope.rules.sdp.static_pt_rebound import static_pt_rebound
from sipscope.rules.sst.interval_negotiation_broken import interval_negotiation_broken
from sipscope.rules.sst.refresher_negotiation_broken import refresher_negotiation_broken
from sipscope.rules.sst.session_refresh_missed import session_refresh_missed
from sipscope.rules.svc.hold_without_music import hold_without_music
from sipscope.rules.svc.moh_splice_inconsistent import moh_splice_inconsistent
from sipscope.rules.svc.recorded_stream_missing import recorded_stream_missing
from sipscope.rules.svc.third_party_controller_blackhole import third_party_controller_blackhole
from sipscope.rules.trn.signalling_not_visible import signalling_not_visible
from sipscope.rules.txn.ack_2xx_malformed import ack_2xx_malformed
from sipscope.rules.txn.ack_missing_2xx import ack_missing_2xx
from sipscope.rules.txn.ack_missing_non2xx import ack_missing_non2xx
from sipscope.rules.txn.ack_non2xx_malformed import ack_non2xx_malformed
from sipscope.rules.txn.cancel_at_wrong_time import cancel_at_wrong_time
from sipscope.rules.txn.cancel_ineffective import cancel_ineffective
from sipscope.rules.txn.cancel_not_matching import cancel_not_matching
from sipscope.rules.txn.cancel_race_not_released import cancel_race_not_released
from sipscope.rules.txn.conflicting_responses import conflicting_responses
from sipscope.rules.txn.glare_backoff_wrong import glare_backoff_wrong
from sipscope.rules.txn.invite_never_completed import invite_never_completed
from sipscope.rules.txn.invite_unanswered import invite_unanswered
from sipscope.rules.txn.known_race import known_race
from sipscope.rules.txn.loop_detected import loop_detected
from sipscope.rules.txn.merged_request import merged_request
from sipscope.rules.txn.non_invite_provisional_misuse import non_invite_provisional_misuse
from sipscope.rules.txn.overlapping_invite import overlapping_invite
from sipscope.rules.txn.request_unanswered import request_unanswered
from sipscope.rules.txn.response_not_repeated import response_not_repeated
from sipscope.rules.txn.retransmission_not_allowed import retransmission_not_allowed
from sipscope.rules.txn.retransmission_timing_off import retransmission_timing_off
from sipscope.rules.txn.retransmissions_seen import retransmissions_seen
from sipscope.rules.txn.retry_after_ignored import retry_after_ignored
from sipscope.rules.txn.retry_not_renewed import retry_not_renewed
from sipscope.rules.txn.stray_response import stray_response
from sipscope.rules.txn.trying_late import trying_late
from sipscope.rules.upd.update_answer_slow import update_answer_slow
from sipscope.rules.upd.update_contact_drift import update_contact_drift
from sipscope.rules.upd.update_not_supported import update_not_supported
from sipscope.rules.upd.update_offer_too_early import update_offer_too_early
from sipscope.rules.xfer.accepted_code_deprecated import accepted_code_deprecated
from sipscope.rules.xfer.caller_orphaned import caller_orphaned
from sipscope.rules.xfer.norefersub_violated import norefersub_violated
from sipscope.rules.xfer.refer_dialog_reuse import refer_dialog_reuse
from sipscope.rules.xfer.refer_event_id_missing import refer_event_id_missing
from sipscope.rules.xfer.refer_final_notify_missing import refer_final_notify_missing
from sipscope.rules.xfer.refer_notify_burst import refer_notify_burst
from sipscope.rules.xfer.refer_notify_rejected import refer_notify_rejected
from sipscope.rules.xfer.refer_progress_missing import refer_progress_missing
from sipscope.rules.xfer.refer_refused_or_unsupported import refer_refused_or_unsupported
from sipscope.rules.xfer.refer_result_contradicts_outcome import refer_result_contradicts_outcome
from sipscope.rules.xfer.refer_subscription_state_wrong import refer_subscription_state_wrong
from sipscope.rules.xfer.refer_to_cardinality import refer_to_cardinality
from sipscope.rules.xfer.replaced_dialog_not_released import replaced_dialog_not_released
from sipscope.rules.xfer.replaces_dialog_mismatch import replaces_dialog_mismatch
from sipscope.rules.xfer.replaces_early_dialog_not_allowed import replaces_early_dialog_not_allowed
from sipscope.rules.xfer.replaces_malformed import replaces_malformed
from sipscope.rules.xfer.semi_attended_cancel_race import semi_attended_cancel_race
from sipscope.rules.xfer.sipfrag_invalid import sipfrag_invalid
from sipscope.rules.xfer.transfer_classified import transfer_classified
from sipscope.rules.xfer.transfer_failed_no_recovery import transfer_failed_no_recovery
from sipscope.rules.xfer.triggered_request_differs import triggered_request_differs

RULES: tuple[AnyRule, ...] = (
    auth_loop,
    challenge_unanswered,
    retry_cseq_not_incremented,
    wrong_credential_header,
    realm_or_nonce_mismatch,
    nonce_count_broken,
    stale_nonce_mishandled,
    digest_uri_mismatch,
    digest_params_malformed,
    algorithm_negotiation,
    ack_or_cancel_challenged,
    ack_credentials_missing,
    digest_recomputed_wrong,
    cseq_not_increasing,
    unknown_dialog,
    dialog_identifiers_wrong,
    request_uri_not_remote_target,
    route_set_wrong,
    record_route_not_mirrored,
    record_route_unusable,
    target_refresh_ignored,
    bye_failed,
    bye_in_forbidden_state,
    dialog_left_open,
    request_after_bye,
    dead_dialog_kept,
    ringback_dead_air,
    progress_without_alerting,
    local_ringing_vs_early_media,
    early_media_before_description,
    early_answer_unreliable,
    early_media_one_way,
    answer_clipping,
    forked_early_media_collision,
    early_to_regular_media_change,
    p_early_media_violated,
    early_session_misuse,
    early_media_after_failure,
    long_bidirectional_early_media,
    no_notify_after_subscribe,
    subscription_state_invalid,
    subscription_duration_wrong,
    subscription_lapsed,
    notify_rejected,
    event_mismatch,
    notify_after_end,
    resubscribe_against_reason,
    unsubscribe_without_final_notify,
    notify_body_unacceptable,
    event_package_unsupported,
    state_version_broken,
    first_state_partial,
    publish_malformed,
    entity_tag_misused,
    publication_lapsed,
    extra_2xx_mishandled,
    to_tag_unstable,
    losing_branches_not_cancelled,
    secure_profile_without_keys,
    sdes_answer_invalid,
    sdes_key_in_clear,
    srtp_negotiated_clear_media,
    dtls_setup_roles_invalid,
    dtls_fingerprint_problem,
    rtcp_mux_inconsistent,
    rtcp_attribute_misplaced,
    bundle_group_invalid,
    ice_default_mismatch,
    opportunistic_security_outcome,
    message_oversize,
    message_rules,
    info_not_allowed,
    dtmf_info_misuse,
    options_ping_failing,
    method_not_allowed,
    answer_media_count,
    answer_media_type_or_profile,
    media_section_dropped,
    zero_port_not_mirrored,
    origin_version_stale,
    origin_version_jump,
    origin_identity_changed,
    accepted_without_common_codec,
    payload_type_remapped,
    payload_type_asymmetric,
    answer_direction_invalid,
    hold_by_null_address,
    stuck_on_hold,
    hold_never_released,
    offer_never_answered,
    preview_differs_from_answer,
    sdp_after_answer_complete,
    delayed_offer_missing,
    delayed_offer_not_answered,
    offer_while_pending,
    glare_not_rejected,
    overlapping_request_not_500,
    failed_change_applied,
    error_after_executed_change,
    not_acceptable_diagnosed,
    accepted_with_all_media_refused,
    offer_in_illegal_carrier,
    forked_early_answers,
    codec_order_changed,
    g729_annexb_mismatch,
    codec_configuration_mismatch,
    fax_switch_outcome,
    answer_echoes_or_changes_time,
    precondition_signalling_incomplete,
    alerting_before_preconditions,
    reliability_headers_incomplete,
    reliable_without_consent,
    rseq_sequence_broken,
    reliable_response_unacknowledged,
    rack_mismatch,
    prack_for_unreliable,
    prack_refused,
    second_reliable_too_early,
    final_before_prack_of_sdp,
    reliability_demand_ignored,
    prack_offer_not_allowed,
    registration_rejected,
    registration_lapsed,
    register_200_incomplete,
    register_sequence_broken,
    register_request_malformed,
    interval_too_brief_loop,
    register_storm,
    stale_bindings_accumulate,
    request_to_dead_contact,
    path_or_service_route_lost,
    outbound_incomplete,
    redirect_unusable,
    server_failure_without_failover,
    via_stack_corrupted,
    max_forwards_not_decremented,
    diversion_inconsistent,
    no_media,
    one_way_media,
    media_to_unnegotiated_address,
    payload_type_not_negotiated,
    packet_loss,
    jitter_high,
    sdp_required_line_missing,
    sdp_line_order_or_form,
    connection_line_missing,
    origin_line_malformed,
    dynamic_pt_without_rtpmap,
    static_pt_rebound,
    format_attribute_orphan,
    codec_clock_or_channels_wrong,
    rtp_payload_type_reserved,
    ptime_invalid,
    address_or_port_ill_formed,
    media_address_unreachable,
    session_body_not_identifiable,
    session_refresh_missed,
    refresher_negotiation_broken,
    interval_negotiation_broken,
    hold_without_music,
    moh_splice_inconsistent,
    third_party_controller_blackhole,
    recorded_stream_missing,
    signalling_not_visible,
    invite_unanswered,
    request_unanswered,
    invite_never_completed,
    ack_missing_2xx,
    ack_missing_non2xx,
    ack_2xx_malformed,
    ack_non2xx_malformed,
    trying_late,
    retransmissions_seen,
    retransmission_timing_off,
    retransmission_not_allowed,
    response_not_repeated,
    stray_response,
    conflicting_responses,
    non_invite_provisional_misuse,
    cancel_at_wrong_time,
    cancel_not_matching,
    cancel_ineffective,
    cancel_race_not_released,
    retry_not_renewed,
    retry_after_ignored,
    glare_backoff_wrong,
    overlapping_invite,
    loop_detected,
    merged_request,
    known_race,
    update_not_supported,
    update_offer_too_early,
    update_answer_slow,
    update_contact_drift,
    refer_to_cardinality,
    refer_refused_or_unsupported,
    accepted_code_deprecated,
    refer_progress_missing,
    refer_final_notify_missing,
    sipfrag_invalid,
    refer_subscription_state_wrong,
    refer_event_id_missing,
    refer_result_contradicts_outcome,
    norefersub_violated,
    triggered_request_differs,
    transfer_classified,
    replaces_malformed,
    replaces_dialog_mismatch,
    replaces_early_dialog_not_allowed,
    replaced_dialog_not_released,
    transfer_failed_no_recovery,
    caller_orphaned,
    semi_attended_cancel_race,
    refer_dialog_reuse,
    refer_notify_rejected,
    refer_notify_burst,
)
"""All rules, by code. There is no discovery: a rule that isn't listed here doesn't run."""

RETIRED: dict[str, str] = {}
"""Codes that were in use once, with the reason why they are not any more."""


def rule_of(code: str) -> AnyRule | None:
    """The rule with that code or name, whatever the case; None when there is none."""
    wanted = code.strip().lower()
    return next((rule for rule in RULES if wanted in {rule.code.lower(), rule.name}), None)
